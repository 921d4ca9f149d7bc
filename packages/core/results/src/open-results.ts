import { openUpstream, readParameters, type Stage, type StudyFolder, type Upstream } from '@galvani/study';
import type { RowRule } from './recording.js';
import { type Results, resultsOf } from './results.js';
import { filesOnDisk } from './study-files.js';

/**
 * Opens what the stages before `stage` have written of a study on this machine, verified (see `openUpstream`).
 *
 * @param rows what of recordings is read otherwise than the study's `glm` says
 * @throws Failure that names what is missing, damaged or of another plan, and what to run
 */
export async function openResults(
  folder: StudyFolder,
  stage: Stage,
  signal?: AbortSignal,
  rows: RowRule = {},
): Promise<Results & Pick<Upstream, 'plan' | 'inputs' | 'leftOut'>> {
  const runs = await readParameters(folder, 'runs');
  const { afterEnd, transform } = await readParameters(folder, 'glm');
  const { plan, inputs, leftOut, manifests } = await openUpstream(folder, stage, signal);
  return {
    plan,
    inputs,
    leftOut,
    ...resultsOf(filesOnDisk(folder.root), manifests, runs, { afterEnd, transform, ...rows }),
  };
}
