import { join, resolve } from 'node:path';

/** Where recordings are kept: the environment's GALVANI_STORE, or data/cache/extract in the workspace. */
export function storeFolder(root: string): string {
  const { GALVANI_STORE: chosen } = process.env;
  return chosen ? resolve(chosen) : join(root, 'data/cache/extract');
}
