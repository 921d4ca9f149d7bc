import { createHash } from 'node:crypto';
import { readPieces } from '@galvani/terminal';
import type { StoredTensor } from './tensor-read.js';

/** One file of a checkpoint, open. */
export interface TensorFile {
  path: string;
  tensors: Map<string, StoredTensor>;
  close(): Promise<void>;
}

/** SHA-256 of a file in hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of readPieces(path)) hash.update(piece);
  return hash.digest('hex');
}

/** Gives a file's SHA-256 in hex: reads it, or knows it. */
export type HashOf = (path: string) => Promise<string>;

/** One file's own SHA-256, or that of several files' hashes in sorted order, a line each. */
export async function hashFiles(paths: readonly string[], hashOf: HashOf = hashFile): Promise<string> {
  const hashes: string[] = [];
  for (const path of paths) hashes.push(await hashOf(path));
  if (hashes.length === 1) return hashes[0];
  return createHash('sha256').update(hashes.sort().join('\n')).digest('hex');
}
