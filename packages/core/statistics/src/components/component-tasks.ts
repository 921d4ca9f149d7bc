import { randomStream } from '@galvani/numerics';
import { relabelledP } from '../reliability/relabelled-sessions.js';

/** Whether components' time courses follow tasks, [components x tasks] each. */
export interface ComponentTasks {
  /** Correlation of the time course with being on the task, about each run's means, over the task's runs. */
  r: Float64Array;
  /** Two-sided p of the pair alone. */
  p: Float64Array;
  /** The same, held against the largest |r| of any component with any task. */
  familywise: Float64Array;
}

export interface ComponentTasksOptions {
  /** Run of each prompt, [prompts], prompts of a run together. */
  run: ArrayLike<number>;
  /** Task of each prompt's run, [prompts], from 0. */
  task: ArrayLike<number>;
  /** 1 for prompts on the task, 0 for rest. */
  isTask: ArrayLike<number>;
  tasks: number;
  /** Relabellings of every task's prompts. */
  count: number;
  seed: number | string;
}

/**
 * Which components follow which tasks. Task and rest are exchanged among the prompts of each run, the same for all components, which were made without
 * these labels; p = (b + 1) / (m + 1).
 *
 * @param timeCourses [prompts x components]
 */
export function componentTasks(timeCourses: Float64Array, options: ComponentTasksOptions): ComponentTasks {
  const { run, task, isTask, tasks, count, seed } = options;
  const prompts = run.length;
  const components = timeCourses.length / prompts;
  const largest = new Float64Array(count);
  const [r, p, familywise] = [0, 1, 2].map(() => new Float64Array(components * tasks));
  for (let t = 0; t < tasks; t++) {
    const runs = runsOfTask(run, task, t, prompts);
    const courses = runs.map((rows) => centredCourses(timeCourses, components, rows));
    const on = runs.map((rows) => [...rows.keys()].filter((i) => isTask[rows[i]]));
    const squares = new Float64Array(components);
    for (const own of courses) for (let at = 0; at < own.length; at++) squares[at % components] += own[at] ** 2;
    const spread = runs.reduce((sum, { length }, i) => sum + on[i].length * (1 - on[i].length / length), 0);
    const correlations = (chosen: readonly (readonly number[])[]) => {
      const sums = new Float64Array(components);
      for (const [i, places] of chosen.entries())
        for (const place of places) for (let k = 0; k < components; k++) sums[k] += courses[i][place * components + k];
      // A component that no prompt of these runs moves follows nothing.
      return sums.map((sum, k) => (squares[k] > 0 && spread > 0 ? sum / Math.sqrt(squares[k] * spread) : 0));
    };
    const own = correlations(on);
    const stream = randomStream(seed, 'task and rest relabelled', t);
    const places = runs.map((rows) => [...rows.keys()]);
    const relabelled = Array.from({ length: components }, () => new Float64Array(count));
    for (let m = 0; m < count; m++) {
      const found = correlations(places.map((each, i) => stream.shuffled(each).slice(0, on[i].length)));
      for (let k = 0; k < components; k++) {
        relabelled[k][m] = Math.abs(found[k]);
        largest[m] = Math.max(largest[m], relabelled[k][m]);
      }
    }
    for (let k = 0; k < components; k++) {
      r[k * tasks + t] = own[k];
      p[k * tasks + t] = relabelledP(Math.abs(own[k]), relabelled[k], false);
    }
  }
  for (let at = 0; at < r.length; at++) familywise[at] = relabelledP(Math.abs(r[at]), largest, false);
  return { r, p, familywise };
}

/** Prompts of each run of a task. */
function runsOfTask(run: ArrayLike<number>, task: ArrayLike<number>, t: number, prompts: number): number[][] {
  const runs = new Map<number, number[]>();
  for (let i = 0; i < prompts; i++) if (task[i] === t) runs.set(run[i], [...(runs.get(run[i]) ?? []), i]);
  return [...runs.values()];
}

/** Time courses of some prompts about their means, [prompts x components]. */
function centredCourses(timeCourses: Float64Array, components: number, rows: readonly number[]): Float64Array {
  const out = new Float64Array(rows.length * components);
  for (let k = 0; k < components; k++) {
    let mean = 0;
    for (const row of rows) mean += timeCourses[row * components + k] / rows.length;
    for (const [i, row] of rows.entries()) out[i * components + k] = timeCourses[row * components + k] - mean;
  }
  return out;
}
