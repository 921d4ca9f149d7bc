import { runFolder, type StudyFolder } from '@galvani/artifact';
import type { Slices } from './plan.js';
import { readSlice } from './slice-file.js';

/** The stages that write a manifest for what they make of a plan, in the order in which they run. */
export const stages = ['design', 'extract', 'glm', 'networks', 'decode', 'calibrate', 'report'] as const;
export type Stage = (typeof stages)[number];

/** The stages whose files each stage reads. */
export const stagesRead: Record<Stage, readonly Stage[]> = {
  design: [],
  extract: ['design'],
  glm: ['design', 'extract'],
  networks: ['glm'],
  decode: ['design', 'extract'],
  calibrate: ['design', 'extract'],
  report: ['design', 'extract', 'glm', 'networks', 'decode', 'calibrate'],
};

/**
 * The slices that each stage's results depend on, those of the stages before it included. A run's recording depends on its own
 * events, not on how many runs there are, so of the design it has those alone, among its inputs.
 */
const slicesFollowed: Record<Stage, readonly Exclude<keyof Slices, 'runs'>[]> = {
  design: ['design'],
  extract: ['extract'],
  glm: ['design', 'extract', 'glm'],
  networks: ['design', 'extract', 'glm', 'networks'],
  decode: ['design', 'extract', 'glm', 'networks', 'decode'],
  calibrate: ['design', 'extract'],
  report: ['design', 'extract', 'glm', 'networks', 'decode', 'report'],
};

/** What a stage's results depend on in the plan as it is now, by slice: the `plan` of its manifest. */
export async function planOf(folder: StudyFolder, stage: Stage): Promise<Record<string, unknown>> {
  const plan: Record<string, unknown> = {};
  for (const name of slicesFollowed[stage]) plan[name] = await readSlice(folder, name);
  if (stage === 'decode') {
    // It selects units anew, by relabelling; maps and contrasts are nothing to it.
    const { relabellings } = await readSlice(folder, 'glm');
    plan.glm = { relabellings };
  }
  return plan;
}

/** Those of a stage's inputs that lie outside the study (prompt bank, model, confounds), relative to the workspace. */
export async function filesOutside(folder: StudyFolder, stage: Stage, inputs: readonly string[]): Promise<string[]> {
  if (stage === 'design') return [(await readSlice(folder, 'design')).prompts];
  if (stage === 'extract') return inputs.filter((path) => !/^design\/[^/]+\.parquet$/.test(path));
  const { confounds } = stage === 'glm' ? await readSlice(folder, 'glm') : {};
  return confounds === undefined ? [] : [confounds];
}

/** A stage's folders: one, or one for each run. `extract/<run>` names the folder of a run. */
export async function foldersOf(folder: StudyFolder, stage: Stage): Promise<{ name: string; path: string }[]> {
  if (stage !== 'extract') return [{ name: stage, path: folder[stage] }];
  const runs = await readSlice(folder, 'runs');
  return runs.map(({ name }) => ({ name: `extract/${name}`, path: runFolder(folder, name) }));
}
