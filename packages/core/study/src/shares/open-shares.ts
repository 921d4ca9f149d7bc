import { digestOf, type Manifest } from '@galvani/artifact';
import { Failure } from '@galvani/terminal';
import { commandOf } from '../stage-command.js';
import type { Stage } from '../stage-plan.js';
import type { StudyFolder } from '../study-folder.js';
import { shareFolder, sharePath, sharesOf } from './share-name.js';
import { shareStates } from './share-states.js';

/** A share that is whole, of this plan, these files and this code. */
export interface OpenShare {
  path: string;
  manifest: Manifest;
}

/**
 * All shares of a stage, in order.
 *
 * @param same files that all of them wrote with the same bytes, since each began with the same work
 * @throws Failure that names the first that is missing, damaged, stale, or not like the others
 */
export async function openShares(
  folder: StudyFolder,
  stage: Stage,
  of: number,
  { same = [], signal }: { same?: readonly string[]; signal?: AbortSignal } = {},
): Promise<OpenShare[]> {
  const states = await shareStates(folder, stage, sharesOf(of), signal);
  const first = states.find(({ state }) => state !== 'done');
  const whole = `Do it again, or run ${commandOf(stage)}, which does the whole stage`;
  if (first) {
    const problem = first.problem ?? `${shareFolder(stage, first.share)} is missing`;
    throw new Failure(`${problem}. ${whole}.`);
  }
  const shares = states.map(({ share, manifest }) => ({
    share,
    path: sharePath(folder, stage, share),
    manifest: manifest!,
  }));
  const [{ manifest: model }] = shares;
  for (const { share, manifest } of shares)
    for (const file of same)
      if (listedDigest(manifest, file) !== listedDigest(model, file))
        throw new Failure(
          `${shareFolder(stage, share)}/${file} is another than that of the first share, as kinds of processors that round otherwise make it. Do all shares on one kind, or run ${commandOf(stage)}, which does the whole stage.`,
        );
  return shares;
}

function listedDigest({ outputs }: Manifest, file: string): string | undefined {
  const listed = outputs[file];
  return listed && digestOf(listed);
}
