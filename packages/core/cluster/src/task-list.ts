import { relative, sep } from 'node:path';
import { manifestName } from '@galvani/artifact';
import { type StageRow, stageTable } from '@galvani/pipeline';
import {
  located,
  type PlannedParameters,
  portable,
  type Stage,
  shareFolder,
  shareName,
  sharesOf,
} from '@galvani/study';
import type { Divisions } from './divisions.js';
import { estimateResources, type StageNeeds, type StudyRuns } from './resources.js';
import { clusterFolder, shareOf, type Task, type TaskList, taskFormat, wholeStage } from './task.js';

/** A study that was planned. */
export interface PlannedStudy {
  name: string;
  /** Absolute. */
  workspace: string;
  /** Folder of its artifacts, absolute. */
  derivatives: string;
  /** SHA-256 of the plan (see `planDigest`). */
  plan: string;
  parameters: PlannedParameters;
  /** Into how many shares stages are cut. */
  divisions: Divisions;
}

/** Stages that are tasks: all that `galvani run` does. */
export const taskRows: readonly StageRow[] = stageTable.filter((row: StageRow) => row.name !== 'plan' && !row.byHand);

/** A stage's tasks are its units: its runs; or its shares and what joins them; or it as a whole. What a unit is called never looks like a number. */
function unitsOf(row: StageRow, runs: readonly string[], divisions: Divisions): readonly string[] {
  const of = divisions[row.name] ?? 1;
  if (row.per === 'run') return runs;
  return of > 1 ? [...sharesOf(of).map((share) => shareName(row.name as Stage, share)), wholeStage] : [wholeStage];
}

const idOf = (stage: string, unit: string) => (unit === wholeStage ? stage : `${stage}/${unit}`);

/** Where the list of a plan lies. */
export const taskListPath = ({ derivatives, plan }: Pick<TaskList, 'derivatives' | 'plan'>) =>
  `${clusterFolder({ derivatives })}/tasks-${plan.slice(0, 12)}.json`;

/**
 * A study as tasks, derived from the table of stages. A task reads and makes files alone, and knows of no scheduler: it may run twice,
 * at once or later, and be killed at any moment.
 *
 * @param needs what stages take of one machine; none where nothing is known
 */
export function taskList(study: PlannedStudy, needs: readonly StageNeeds[] = []): TaskList {
  const { name, workspace, plan, parameters, divisions } = study;
  const derivatives = portable(workspace, study.derivatives) || '.';
  const file = taskListPath({ derivatives, plan });
  const runs = parameters.runs.map((run) => run.name);
  const size = runsOf(parameters);
  const manifestOf = (path: string) => `${derivatives}/${path}/${manifestName}`;
  const tasks = taskRows.flatMap((row): Task[] => {
    const before = taskRows.filter((each) => row.reads.includes(each.name));
    const upstream = before.flatMap(({ name, per }) =>
      (per === 'run' ? runs : [wholeStage]).map((unit) => idOf(name, unit)),
    );
    const inputs = [
      ...upstream.map(manifestOf),
      ...planFiles(row).map((path) => `${derivatives}/${path}`),
      ...sourceFiles(row, parameters).map((path) => relative(workspace, located(workspace, path)).split(sep).join('/')),
    ];
    const own = needs.find((each) => each.stage === row.name);
    const units = unitsOf(row, runs, divisions);
    const shares = units.flatMap((unit) => shareOf({ stage: row.name, unit }) ?? []);
    const folders = shares.map((share) => shareFolder(row.name as Stage, share));
    return units.map((unit, u): Task => {
      const joins = shares.length > 0 && unit === wholeStage;
      return {
        id: idOf(row.name, unit),
        stage: row.name,
        unit,
        needs: joins ? [...upstream, ...units.slice(0, -1).map((each) => idOf(row.name, each))] : upstream,
        inputs: joins ? [...inputs, ...folders.map(manifestOf)] : inputs,
        outputs: [manifestOf(folders[u] ?? idOf(row.name, unit))],
        command: ['galvani', 'exec', '--plan', file, '--stage', row.name, '--units', unit],
        resources: estimateResources(row, size, { shares: shares.length, joins }, own),
      };
    });
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
function sourceFiles({ sources }: StageRow, { design, extract, glm, lesion }: PlannedParameters): string[] {
  const model = modelPath({ extract });
  const confounds = glm.confounds as string | undefined;
  const { texts, pairs } = lesion;
  const paths = { prompts: design.prompts, model, confounds, texts, pairs };
  return sources.flatMap((source) => paths[source] ?? []);
}

function modelPath({ extract: { model } }: Pick<PlannedParameters, 'extract'>): string | undefined {
  const given = 'twin' in model ? model.twin : model;
  return 'path' in given ? given.path : undefined;
}

function runsOf({ design, extract, runs }: PlannedParameters): StudyRuns {
  const { cycles, promptsPerBlock, pairs } = design.design;
  return {
    runs: runs.length,
    prompts: (pairs ? 2 * cycles : 2 * cycles + 1) * promptsPerBlock,
    generates: extract.mode !== 'read',
  };
}
