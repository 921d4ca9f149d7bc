import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readManifest } from '@galvani/artifact';
import { derivativesOf, type RecordingStage } from '@galvani/study';
import { twinsName } from './entry.js';
import type { StoreEntry } from './list-store.js';

/** A run of a study, whose recording an entry of the store is. */
export interface Holder {
  /** The study's name. */
  study: string;
  stage: RecordingStage;
  run: string;
}

/**
 * Which runs of the studies of a workspace have which entries of the store: their manifests say under which key, and of which model's
 * twin, with which seed, they were recorded. Studies with derivatives elsewhere are not seen.
 *
 * @param root the workspace; where there is none, a study's own folder, or a folder of such folders
 */
export async function storeHolders(root: string): Promise<(entry: Pick<StoreEntry, 'key' | 'facts'>) => Holder[]> {
  const found = new Map<string, Holder[]>();
  const add = (name: string, holder: Holder) => found.set(name, [...(found.get(name) ?? []), holder]);
  for (const [study, folder] of await studiesOf(root))
    for (const stage of ['extract', 'twin'] as const)
      for (const run of await namesIn(join(folder, stage))) {
        const manifest = await readManifest(join(folder, stage, run)).catch(() => undefined);
        const { key, model } = (manifest?.parameters ?? {}) as { key?: unknown; model?: Record<string, unknown> };
        if (typeof key === 'string') add(key, { study, stage, run });
        if (model?.twin !== undefined) add(twinName(model.sha256, model.seed), { study, stage, run });
      }
  return ({ key, facts }) => found.get(key.startsWith(`${twinsName}/`) ? twinName(facts.twin, facts.seed) : key) ?? [];
}

/** Names of studies and the folders of their derivatives. */
async function studiesOf(root: string): Promise<[name: string, folder: string][]> {
  const own = derivativesOf(join(root, 'study.yaml'));
  if (dirname(own) === root) {
    // Without a workspace studies are folders of their own, which a person has beside each other.
    const below = (await namesIn(root)).map((name): [string, string] => [
      name,
      derivativesOf(join(root, name, 'study.yaml')),
    ]);
    return [[basename(root), own], ...below];
  }
  return (await namesIn(dirname(own))).map((study) => [study, join(dirname(own), study)]);
}

const twinName = (of: unknown, seed: unknown) => `${twinsName}/${of}/${seed}`;

/** Names in a folder that are not hidden, in order; none where there is no folder. */
const namesIn = async (folder: string) =>
  (await readdir(folder).catch(() => [] as string[])).filter((name) => !name.startsWith('.')).sort();
