import { join } from 'node:path';
import { type StageName, stageRow, stageTable } from '@galvani/pipeline';
import { readParameters, readPlanned } from './parameters-file.js';
import type { PlannedParameters } from './stage-parameters.js';
import type { StudyFolder } from './study-folder.js';

/** A stage that writes a manifest for what it makes of a plan. */
export type Stage = Exclude<StageName, 'plan'>;

/** In the order in which they run. */
export const stages = stageTable.map(({ name }) => name).filter((name): name is Stage => name !== 'plan');

/** The stages whose files a stage reads. */
export const stagesRead = (stage: Stage): readonly Stage[] => stageRow(stage).reads as readonly Stage[];

/**
 * The parameters that a stage's results depend on, those of the stages before it included: `glm`, `glm.relabellings`. A run's
 * recording depends on its own events, not on how many runs there are, so of the design it has those alone, among its inputs.
 */
function followed(stage: Stage): string[] {
  const { per, parameters } = stageRow(stage);
  const before = per === 'run' ? [] : stagesRead(stage).flatMap(followed);
  return [...new Set([...before, ...parameters])].filter((name) => name !== 'runs');
}

/** What a stage's results depend on in the plan as it is now, by stage: the `plan` of its manifest. */
export async function planOf(folder: StudyFolder, stage: Stage): Promise<Record<string, unknown>> {
  const plan: Record<string, unknown> = {};
  const names = followed(stage);
  for (const name of names) {
    const [part, field] = name.split('.') as [keyof PlannedParameters, string?];
    if (field !== undefined && names.includes(part)) continue;
    const whole: Record<string, unknown> = { ...(await readPlanned(folder, part)) };
    plan[part] = field === undefined ? whole : { ...(plan[part] as object), [field]: whole[field] };
  }
  return plan;
}

/** Those of a stage's inputs that lie outside the study (prompt bank, model, a person's tables), relative to the workspace. */
export async function filesOutside(folder: StudyFolder, stage: Stage, inputs: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const source of stageRow(stage).sources) {
    if (source === 'prompts') files.push(...(await readParameters(folder, 'design')).prompts);
    if (source === 'model') {
      const others = stagesRead(stage).filter((name) => name !== 'design');
      const inStudy = (path: string) =>
        /^design\/[^/]+\.parquet$/.test(path) || others.some((name) => path.startsWith(`${name}/`));
      files.push(...inputs.filter((path) => !inStudy(path)));
    }
    if (source === 'texts' || source === 'pairs') {
      const path = (await readParameters(folder, 'lesion'))[source];
      if (path !== undefined) files.push(path);
    }
    const { confounds } = source === 'confounds' ? await readParameters(folder, 'glm') : {};
    if (confounds !== undefined) files.push(confounds);
  }
  return files;
}

/** A stage's folders: one, or one for each run. `extract/<run>` names the folder of a run. */
export async function foldersOf(folder: StudyFolder, stage: Stage): Promise<{ name: string; path: string }[]> {
  if (stageRow(stage).per === 'study') return [{ name: stage, path: folder[stage] }];
  const runs = await readParameters(folder, 'runs');
  return runs.map((run) => ({ name: `${stage}/${run.name}`, path: join(folder[stage], run.name) }));
}
