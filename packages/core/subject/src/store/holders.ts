import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest } from '@galvani/artifact';
import type { RecordingStage } from '@galvani/study';
import { twinsName } from './entry.js';
import type { StoreEntry } from './list-store.js';

/** A run of a study, whose recording an entry of the store is. */
export interface Holder {
  /** The study's folder in `data/derivatives`. */
  study: string;
  stage: RecordingStage;
  run: string;
}

/**
 * Which runs of the studies of a workspace have which entries of the store: their manifests say under which key, and of which model's
 * twin, with which seed, they were recorded. Studies with derivatives elsewhere are not seen.
 *
 * @param root the workspace
 */
export async function storeHolders(root: string): Promise<(entry: Pick<StoreEntry, 'key' | 'facts'>) => Holder[]> {
  const found = new Map<string, Holder[]>();
  const add = (name: string, holder: Holder) => found.set(name, [...(found.get(name) ?? []), holder]);
  const derivatives = join(root, 'data/derivatives');
  for (const study of await namesIn(derivatives))
    for (const stage of ['extract', 'twin'] as const)
      for (const run of await namesIn(join(derivatives, study, stage))) {
        const manifest = await readManifest(join(derivatives, study, stage, run)).catch(() => undefined);
        const { key, model } = (manifest?.parameters ?? {}) as { key?: unknown; model?: Record<string, unknown> };
        if (typeof key === 'string') add(key, { study, stage, run });
        if (model?.twin !== undefined) add(twinName(model.sha256, model.seed), { study, stage, run });
      }
  return ({ key, facts }) => found.get(key.startsWith(`${twinsName}/`) ? twinName(facts.twin, facts.seed) : key) ?? [];
}

const twinName = (of: unknown, seed: unknown) => `${twinsName}/${of}/${seed}`;

/** Names in a folder that are not hidden, in order; none where there is no folder. */
const namesIn = async (folder: string) =>
  (await readdir(folder).catch(() => [] as string[])).filter((name) => !name.startsWith('.')).sort();
