import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { manifestName } from '@galvani/artifact';
import { type StageRow, stageTable } from '@galvani/pipeline';
import { portable, type Stage, type StageParameters } from '@galvani/study';
import { estimateResources, type StudySize } from './resources.js';
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
 * @param modelBytes of the model's files, for what tasks need; undefined where they are not here
 */
export function taskList(study: PlannedStudy, modelBytes?: number): TaskList {
  const { name, workspace, plan, parameters } = study;
  const derivatives = portable(workspace, study.derivatives) || '.';
  const file = `${clusterFolder({ derivatives })}/tasks-${plan.slice(0, 12)}.json`;
  const runs = parameters.runs.map((run) => run.name);
  const size = sizeOf(parameters, modelBytes);
  const tasks = taskRows.flatMap((row): Task[] => {
    const before = taskRows.filter((each) => row.reads.includes(each.name));
    const needs = before.flatMap((each) => unitsOf(each, runs).map((unit) => idOf(each.name, unit)));
    const inputs = [
      ...needs.map((id) => `${derivatives}/${id}/${manifestName}`),
      ...planFiles(row).map((path) => `${derivatives}/${path}`),
      ...sourceFiles(row, parameters),
    ];
    return unitsOf(row, runs).map((unit) => ({
      id: idOf(row.name, unit),
      stage: row.name,
      unit,
      needs,
      inputs,
      outputs: [`${derivatives}/${idOf(row.name, unit)}/${manifestName}`],
      command: ['galvani', 'exec', '--plan', file, '--stage', row.name, '--units', unit],
      resources: estimateResources(row, size),
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

function sizeOf({ design, extract, runs }: StageParameters, modelBytes?: number): StudySize {
  const { cycles, promptsPerBlock } = design.design;
  return {
    modelBytes,
    prompts: (2 * cycles + 1) * promptsPerBlock,
    generates: extract.mode !== 'read',
    tokens: extract.mode === 'read' ? 64 : extract.newTokens,
    runs: runs.length,
  };
}

/** Bytes of a study's model where it lies on this machine: of a folder's files, or of one file. */
export async function modelBytes(workspace: string, parameters: StageParameters): Promise<number | undefined> {
  const path = modelPath(parameters);
  if (path === undefined) return undefined;
  const place = resolve(workspace, path);
  const names = await readdir(place).catch(() => [] as string[]);
  const files = names.length > 0 ? names.map((name) => join(place, name)) : [place];
  const found = await Promise.all(files.map((each) => stat(each).catch(() => undefined)));
  const bytes = found.reduce((sum, about) => sum + (about?.isFile() ? about.size : 0), 0);
  return bytes || undefined;
}
