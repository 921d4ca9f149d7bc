import { join } from 'node:path';
import { digestOf, type Manifest, manifestName } from '@galvani/artifact';
import { Failure } from '@galvani/terminal';
import type { StudyFolder } from './study-folder.js';
import {
  commandOf,
  readManifests,
  requireUndamaged,
  type StageFolder,
  staleFolders,
  staleSentence,
} from './upstream.js';

/** What was recorded of a run, and from what. */
export interface RecordedRun {
  run: string;
  /** Of `extract/<run>`. */
  manifest: Manifest;
  /** Digests of the run's events and tokens, by path in the study. */
  inputs: Record<string, string>;
}

/**
 * Opens the events and tokens of recorded runs, as `openUpstream` opens all that a stage reads: of the plan as it is now, of each other,
 * and undamaged. Activations are not looked at.
 *
 * @throws Failure that names what is missing, damaged or of another plan, and what to run
 */
export async function openRecordedRuns(
  folder: StudyFolder,
  runs: readonly string[],
  signal?: AbortSignal,
): Promise<RecordedRun[]> {
  const found = await readManifests(folder, ['design', 'extract']);
  const named = (name: string): StageFolder => {
    const own = found.find((each) => each.name === name);
    if (own) return own;
    const stage = name === 'design' ? 'design' : 'extract';
    throw new Failure(`${join(folder.root, name, manifestName)} is missing: run ${commandOf(stage)} first.`);
  };
  const design = named('design');
  const recordings = runs.map((run) => ({ run, own: named(`extract/${run}`) }));
  const stale = await staleFolders(folder, [design, ...recordings.map(({ own }) => own)]);
  if (stale.length > 0) throw new Failure(staleSentence(stale));
  const events = runs.map((run) => `${run}.parquet`);
  const parts = [only(design, events), ...recordings.map(({ own }) => only(own, [tokens]))];
  await requireUndamaged(folder, parts, signal);
  return recordings.map(({ run, own: { name, manifest } }) => ({
    run,
    manifest,
    inputs: {
      [`design/${run}.parquet`]: digestOf(design.manifest.outputs[`${run}.parquet`]),
      [`${name}/${tokens}`]: digestOf(manifest.outputs[tokens]),
    },
  }));
}

const tokens = 'tokens.parquet';

/** A folder as if it had these files alone. @throws Failure where its manifest does not list one */
function only(folder: StageFolder, files: readonly string[]): StageFolder {
  const { stage, name, manifest } = folder;
  const outputs = files.map((file) => {
    const listed = manifest.outputs[file];
    if (!listed) throw new Failure(`${name}/${manifestName} does not list ${file}: run ${commandOf(stage)} again.`);
    return [file, listed] as const;
  });
  return { ...folder, manifest: { ...manifest, outputs: Object.fromEntries(outputs) } };
}
