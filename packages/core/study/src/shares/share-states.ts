import { damagedOutputs, galvaniVersion, type Manifest, readManifest } from '@galvani/artifact';
import { packageDigest } from '@galvani/code';
import { stageRow } from '@galvani/pipeline';
import { Failure, type Share } from '@galvani/terminal';
import { type Stage, stagesRead } from '../stage-plan.js';
import type { StudyFolder } from '../study-folder.js';
import { readManifests, type StageFolder, staleFolders } from '../upstream.js';
import { shareFolder, sharePath } from './share-name.js';

/** What became of a share. `stale`: of another plan, of other files upstream or of other code than there is now. */
export interface ShareState {
  share: Share;
  state: 'done' | 'missing' | 'stale' | 'damaged';
  /** What is wrong, as a sentence without its full stop, where something is. */
  problem?: string;
  /** Of a share that is done. */
  manifest?: Manifest;
}

/** The code that a share of a stage hangs on. */
export const codeOfShares = (stage: Stage) => packageDigest(stageRow(stage).package);

/** In the place of that code, where a manifest stands for a share that nobody needed, since its stage was whole. */
export const placeholder = 'none';

/** What became of shares of a stage, from their files and from what lies upstream now. */
export async function shareStates(
  folder: StudyFolder,
  stage: Stage,
  shares: readonly Share[],
  signal?: AbortSignal,
): Promise<ShareState[]> {
  const states: ShareState[] = [];
  const found = new Map<Share, StageFolder>();
  for (const share of shares) {
    const [name, path] = [shareFolder(stage, share), sharePath(folder, stage, share)];
    try {
      const manifest = await readManifest(path);
      if (manifest?.stage === stage) found.set(share, { stage, name, path, manifest });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      states.push({ share, state: 'damaged', problem: error.message.replace(/\.$/, '') });
    }
  }
  if (found.size === 0) return shares.map((share) => stateOf(share, states));
  const code = await codeOfShares(stage);
  const direct = stagesRead(stage);
  const upstream = await readManifests(folder, [...direct, ...direct.flatMap(stagesRead)], () => undefined);
  const stale = await staleFolders(folder, [...upstream, ...found.values()]);
  for (const [share, { name, path, manifest }] of found) {
    if (manifest.facts.code === placeholder) {
      states.push({ share, state: 'stale', problem: `${name} was not done, since ${stage} was whole` });
      continue;
    }
    const old = stale.find((each) => each.name === name);
    if (old) states.push({ share, state: 'stale', problem: `${name} ${old.problem}` });
    else if (manifest.galvani !== galvaniVersion || manifest.facts.code !== code)
      states.push({ share, state: 'stale', problem: `${name} was made by another galvani` });
    else {
      const [damage] = await damagedOutputs(path, manifest, { memory: folder.verified, signal });
      if (damage) states.push({ share, state: 'damaged', problem: `${name}/${damage.file} ${damage.problem}` });
      else states.push({ share, state: 'done', manifest });
    }
  }
  return shares.map((share) => stateOf(share, states));
}

const stateOf = (share: Share, states: readonly ShareState[]): ShareState =>
  states.find((each) => each.share === share) ?? { share, state: 'missing' };
