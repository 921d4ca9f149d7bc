import { manifestName } from '@galvani/artifact';
import { type StageRow, stageTable } from '@galvani/pipeline';
import { portable, type Stage, type StageParameters } from '@galvani/study';
import { estimateResources, type StageNeeds, type StudyRuns } from './resources.js';
import { clusterFolder, type Task, type TaskList, taskFormat, wholeStage } from './task.js';

/** A study that was planned. */
export interface PlannedStudy {
  name: string;
  /** Absolute. */
  workspace: string;
  /** Folder of its artifacts, absolute. */
  derivatives: string;
  /** SHA-256 of the plan (see `planDigest`). */
  plan: string;
  parameters: StageParameters;
}

/** Stages that are tasks: all that `galvani run` does. */
export const taskRows: readonly StageRow[] = stageTable.filter((row: StageRow) => row.name !== 'plan' && !row.byHand);

/** A stage's tasks are its units: its runs, or it as a whole. What a unit is called never looks like a number. */
const unitsOf = ({ per }: StageRow, runs: readonly string[]) => (per === 'run' ? runs : [wholeStage]);

const idOf = (stage: string, unit: string) => (unit === wholeStage ? stage : `${stage}/${unit}`);

/**
 * A study as tasks, derived from the table of stages. A task reads and makes files alone, and knows of no scheduler: it may run twice,
 * at once or later, and be killed at any moment.
 *
 * @param needs what stages take of one machine; none where nothing is known
 */
export function taskList(study: PlannedStudy, needs: readonly StageNeeds[] = []): TaskList {
  const { name, workspace, plan, parameters } = study;
  const derivatives = portable(workspace, study.derivatives) || '.';
  const file = `${clusterFolder({ derivatives })}/tasks-${plan.slice(0, 12)}.json`;
  const runs = parameters.runs.map((run) => run.name);
  const size = runsOf(parameters);
  const tasks = taskRows.flatMap((row): Task[] => {
    const before = taskRows.filter((each) => row.reads.includes(each.name));
    const needed = before.flatMap((each) => unitsOf(each, runs).map((unit) => idOf(each.name, unit)));
    const inputs = [
      ...needed.map((id) => `${derivatives}/${id}/${manifestName}`),
      ...planFiles(row).map((path) => `${derivatives}/${path}`),
      ...sourceFiles(row, parameters),
    ];
    const own = needs.find((each) => each.stage === row.name);
    return unitsOf(row, runs).map((unit) => ({
      id: idOf(row.name, unit),
      stage: row.name,
      unit,
      needs: needed,
      inputs,
      outputs: [`${derivatives}/${idOf(row.name, unit)}/${manifestName}`],
      command: ['galvani', 'exec', '--plan', file, '--stage', row.name, '--units', unit],
      resources: estimateResources(row, size, own),
    }));
  });
  const made = new Set(tasks.flatMap(({ outputs }) => outputs));
  const sources = [...new Set(tasks.flatMap(({ inputs }) => inputs))].filter((path) => !made.has(path)).sort();
  return { format: taskFormat, study: name, workspace, derivatives, file, plan, sources, tasks };
}

/** The folder of a task's artifacts belongs to this stage of the table. */
export const stageOf = ({ stage }: Pick<Task, 'stage'>) => stage as Stage;

/** `plan/<name>.json` of all that a stage is told. */
const planFiles = ({ parameters }: StageRow) => [
  ...new Set(parameters.map((each) => `plan/${each.split('.')[0]}.json`)),
];

/** Files outside of the study that a stage reads. A model of the Hub is none. */
function sourceFiles({ sources }: StageRow, { design, extract, glm, lesion }: StageParameters): string[] {
  const model = modelPath({ extract });
  const confounds = glm.confounds as string | undefined;
  const { texts, pairs } = lesion;
  const paths = { prompts: design.prompts, model, confounds, texts, pairs };
  return sources.flatMap((source) => paths[source] ?? []);
}

function modelPath({ extract: { model } }: Pick<StageParameters, 'extract'>): string | undefined {
  const given = 'twin' in model ? model.twin : model;
  return 'path' in given ? given.path : undefined;
}

function runsOf({ design, extract, runs }: StageParameters): StudyRuns {
  const { cycles, promptsPerBlock, pairs } = design.design;
  return {
    runs: runs.length,
    prompts: (pairs ? 2 * cycles : 2 * cycles + 1) * promptsPerBlock,
    generates: extract.mode !== 'read',
  };
}
