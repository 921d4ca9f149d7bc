import { openUpstream, readParameters, type Stage, type StudyFolder, type Upstream } from '@galvani/study';
import { type Results, resultsOf } from './results.js';
import { filesOnDisk } from './study-files.js';

/**
 * Opens what the stages before `stage` have written of a study on this machine, verified (see `openUpstream`).
 * @throws Failure that names what is missing, damaged or of another plan, and what to run
 */
export async function openResults(
  folder: StudyFolder,
  stage: Stage,
  signal?: AbortSignal,
): Promise<Results & Pick<Upstream, 'plan' | 'inputs' | 'leftOut'>> {
  const runs = await readParameters(folder, 'runs');
  const { afterEnd } = await readParameters(folder, 'glm');
  const { plan, inputs, leftOut, manifests } = await openUpstream(folder, stage, signal);
  return { plan, inputs, leftOut, ...resultsOf(filesOnDisk(folder.root), manifests, runs, afterEnd) };
}
