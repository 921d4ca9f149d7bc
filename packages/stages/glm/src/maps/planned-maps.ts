import type { Run } from '@galvani/pipeline';
import { mapFolder, type StageParameters } from '@galvani/study';

/** A statistic map to make. */
export interface PlannedMap {
  /** Folder under glm/: `task-pathology`, `ses-01_task-pathology`, `contrast-pathology-over-medical-imaging`. */
  name: string;
  kind: 'task' | 'run' | 'contrast' | 'second-level' | 'conjunction';
  /** Name of the contrast, which its columns in the map bear. */
  contrast: string;
}

/** A contrast over some of the study's runs, fitted to activations. */
export interface FirstLevelMap extends PlannedMap {
  kind: 'task' | 'run' | 'contrast';
  /** As the contrast is computed, over the columns named after tasks. */
  expression: string;
  runs: Run[];
  /** 0 for a map without family-wise p. */
  relabellings: number;
}

/** A map that is made from others: of a task over sessions as random effects, or of what several tasks share. */
export interface DerivedMap extends PlannedMap {
  kind: 'second-level' | 'conjunction';
  /** Maps that it is made from: those of the task's runs, or of the tasks. */
  from: string[];
  relabellings: number;
}

/**
 * The maps that are fitted to activations: for each task one over its sessions, one for each contrast that the study asks for,
 * over all runs, and for each run its own.
 */
export function firstLevelMapsOf(runs: readonly Run[], glm: StageParameters['glm']): FirstLevelMap[] {
  return [
    ...tasksOf(runs).map(
      (task): FirstLevelMap => ({
        name: `task-${task}`,
        kind: 'task',
        contrast: task,
        expression: `"${task}"`,
        runs: runs.filter((run) => run.task === task),
        relabellings: glm.relabellings,
      }),
    ),
    ...glm.contrasts.map(
      ([contrast, expression]): FirstLevelMap => ({
        name: mapFolder('contrast', contrast),
        kind: 'contrast',
        contrast,
        expression,
        runs: [...runs],
        relabellings: glm.relabellings,
      }),
    ),
    ...runs.map(
      (run): FirstLevelMap => ({
        name: run.name,
        kind: 'run',
        contrast: run.task,
        expression: `"${run.task}"`,
        runs: [run],
        relabellings: glm.runRelabellings,
      }),
    ),
  ];
}

/** The maps that are made from other maps, where the study asks for them. */
export function derivedMapsOf(runs: readonly Run[], glm: StageParameters['glm']): DerivedMap[] {
  const secondLevel = glm.secondLevel
    ? tasksOf(runs).map(
        (task): DerivedMap => ({
          name: `second-level-${task}`,
          kind: 'second-level',
          contrast: task,
          from: runs.filter((run) => run.task === task).map((run) => run.name),
          relabellings: glm.relabellings,
        }),
      )
    : [];
  const conjunctions = (glm.conjunctions ?? []).map(
    ([name, tasks]): DerivedMap => ({
      name: mapFolder('conjunction', name),
      kind: 'conjunction',
      contrast: name,
      from: tasks.map((task) => `task-${task}`),
      relabellings: 0,
    }),
  );
  return [...secondLevel, ...conjunctions];
}

const tasksOf = (runs: readonly Run[]) => [...new Set(runs.map(({ task }) => task))];
