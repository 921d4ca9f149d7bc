import { openResults } from '@galvani/results';
import { studyFolder } from '@galvani/study';
import { findStudy } from './study-argument.js';

/**
 * Opens a study for reading: runs, recordings, maps, networks and results that its stages have written, verified, and read when they are
 * asked for. What is missing or of another plan is left out, and `leftOut` says so in sentences.
 *
 * @param named study.yaml, or the folder that holds it
 * @param options `derivatives`: the folder of its derivatives, where they are not in their usual place
 * @throws Failure for a file that is damaged, or where nothing was planned
 */
export async function openStudy(
  named: string,
  { derivatives }: { derivatives?: string } = {},
): Promise<Awaited<ReturnType<typeof openResults>>> {
  const { root, derivatives: place } = await findStudy(named, derivatives);
  return openResults(studyFolder(place, root), 'report');
}
