import { join } from 'node:path';
import { digestOf, type Manifest, manifestName } from '@galvani/artifact';
import { Failure } from '@galvani/terminal';
import { commandOf, missingFailure } from './stage-command.js';
import type { Stage } from './stage-plan.js';
import type { StudyFolder } from './study-folder.js';
import { readManifests, requireUndamaged, type StageFolder, staleFolders, staleSentence } from './upstream.js';

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
  const wanted: { stage: Stage; name: string }[] = [
    { stage: 'design', name: 'design' },
    ...runs.map((run) => ({ stage: 'extract' as const, name: `extract/${run}` })),
  ];
  const missing = wanted
    .filter(({ name }) => !found.some((own) => own.name === name))
    .map(({ stage, name }) => ({ stage, path: join(folder.root, name) }));
  if (missing.length > 0) throw missingFailure(missing);
  const named = (name: string) => found.find((own) => own.name === name)!;
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
