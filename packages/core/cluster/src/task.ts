import { stageRow } from '@galvani/pipeline';
import { shareNamed } from '@galvani/study';
import type { Share } from '@galvani/terminal';
import { z } from 'zod';

const text = z.string().min(1);

const resourcesSchema = z.object({
  /** Processor cores that are of use. */
  cores: z.int().min(1),
  /** Memory, in megabytes of 10^6 bytes. */
  megabytes: z.int().min(1),
  /** How long it takes at most, rather too long than too short: schedulers end what takes longer. */
  seconds: z.int().min(1),
  /** Units of the stage that one process does for less than several processes do: runs that fill a batch. */
  together: z.int().min(1),
});

const taskSchema = z.object({
  /** What it makes of the study: `glm`, `extract/<run>`, `lesion/masks-2-of-8`. */
  id: text,
  stage: text,
  /** What part of the stage it is: a run; a share, `masks-2-of-8`; or `all`, which where there are shares joins them. */
  unit: text,
  /** The tasks that have to be done before, by id. */
  needs: z.array(text),
  /** Files that it reads, relative to the workspace: manifests of the tasks before it, its part of the plan, sources. */
  inputs: z.array(text),
  /** Files that are there, relative to the workspace, when it is done. They list what else it wrote. */
  outputs: z.array(text),
  /** What to run in the workspace. */
  command: z.array(text).min(1),
  resources: resourcesSchema,
});

/** The format of a list of tasks. Readers refuse another. */
export const taskFormat = 'galvani tasks 2';

export const taskListSchema = z.object({
  format: z.literal(taskFormat),
  /** Name of the study. */
  study: text,
  /** Absolute. All other paths are relative to it. */
  workspace: text,
  /** Folder of the study's artifacts. */
  derivatives: text,
  /** Where the list lies, so that the commands find it. */
  file: text,
  /** SHA-256 of the plan that the tasks follow. */
  plan: text,
  /** Files that no task makes: the plan, the prompt bank, the model, a person's tables. */
  sources: z.array(text),
  tasks: z.array(taskSchema),
});

/** What a scheduler wants to know of a task, whatever its own words for it. */
export type Resources = z.infer<typeof resourcesSchema>;
/** A piece of work that may run on any machine that sees the workspace, as often as it likes. */
export type Task = z.infer<typeof taskSchema>;
/** A study as tasks, in an order in which they can run. */
export type TaskList = z.infer<typeof taskListSchema>;

/** The unit of a stage that is one piece of work. */
export const wholeStage = 'all';

/** The stages of a list, each with its tasks, in the order in which they run. */
export function stagesOf({ tasks }: Pick<TaskList, 'tasks'>): Map<string, Task[]> {
  const stages = new Map<string, Task[]>();
  for (const task of tasks) stages.set(task.stage, [...(stages.get(task.stage) ?? []), task]);
  return stages;
}

/** Which share of its stage a task is; undefined of others. */
export const shareOf = ({ stage, unit }: Pick<Task, 'stage' | 'unit'>): Share | undefined =>
  stageRow(stage).divided && shareNamed(unit);

/** What tasks are given to a scheduler together: a stage, or its shares, `lesion_shares`. */
export const groupOf = (task: Pick<Task, 'stage' | 'unit'>) => `${task.stage}${shareOf(task) ? '_shares' : ''}`;
export const stageOfGroup = (group: string) => group.replace(/_shares$/, '');

/** The same as `stagesOf`, with the shares of a stage before what joins them. */
export function groupsOf({ tasks }: Pick<TaskList, 'tasks'>): Map<string, Task[]> {
  const groups = new Map<string, Task[]>();
  for (const task of tasks) groups.set(groupOf(task), [...(groups.get(groupOf(task)) ?? []), task]);
  return groups;
}

/** Folder in which a study's list of tasks lies, and what schedulers are given; relative to the workspace. */
export const clusterFolder = ({ derivatives }: Pick<TaskList, 'derivatives'>) => `${derivatives}/cluster`;
