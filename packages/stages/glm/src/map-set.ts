import type { Run, Slices } from '@galvani/study';

/** One statistic map to make: a contrast over some of the study's runs. */
export interface MapSet {
  /** Folder under glm/: `task-pathology`, `ses-01_task-pathology`, `contrast-pathology-over-medical-imaging`. */
  name: string;
  kind: 'task' | 'run' | 'contrast';
  /** Name of the contrast, which its columns in the map bear. */
  contrast: string;
  /** As the contrast is computed, over the columns named after tasks. */
  expression: string;
  runs: Run[];
  relabellings: number;
}

/**
 * The maps of a study: for each task one over its sessions, for each run its own, and one for each contrast that the study
 * asks for, over all runs.
 */
export function mapSetsOf(runs: readonly Run[], glm: Slices['glm']): MapSet[] {
  const tasks = [...new Set(runs.map(({ task }) => task))];
  return [
    ...tasks.map(
      (task): MapSet => ({
        name: `task-${task}`,
        kind: 'task',
        contrast: task,
        expression: `"${task}"`,
        runs: runs.filter((run) => run.task === task),
        relabellings: glm.relabellings,
      }),
    ),
    ...Object.entries(glm.contrasts).map(
      ([contrast, expression]): MapSet => ({
        name: `contrast-${contrast.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`,
        kind: 'contrast',
        contrast,
        expression,
        runs: [...runs],
        relabellings: glm.relabellings,
      }),
    ),
    ...runs.map(
      (run): MapSet => ({
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
