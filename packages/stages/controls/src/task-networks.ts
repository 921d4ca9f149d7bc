import { type Baseline, beyondMiddle, deviationFromRest, restOf } from '@galvani/identification';
import { effectSign } from '@galvani/results';
import { criticalSquares, promptEffects, type VarianceRule } from '@galvani/statistics';
import type { StageParameters } from '@galvani/study';
import { type PresentedPrompts, rowsWhere } from './presented-prompts.js';

/** Activity of all prompts, [prompts x units] row-major. */
export interface Activity {
  values: Float32Array;
  units: number;
}

/** A network that some prompts gave a task. */
export interface TaskNetwork {
  members: Int32Array;
  /** Of each member what the task's training prompts did, against training rest. */
  profile: Float64Array;
}

/** The study's rule of membership, with the fold's threshold. */
export interface NetworkRule extends Pick<StageParameters['networks'], 'minimumEffect' | 'sign'> {
  variance: VarianceRule;
  /** |t| or |z|, as `statistic` says, from which a unit is a member. */
  threshold: number;
  statistic: 't' | 'z';
}

/** Mean and spread of the rest prompts among some rows. */
export function trainingRest({ values, units }: Activity, prompts: PresentedPrompts, training: Int32Array): Baseline {
  const rest = training.filter((row) => prompts.isTask[row] === 0);
  const runs = [...new Set(Array.from(rest, (row) => prompts.run[row]))];
  return restOf(
    runs.map((run) => ({ values, rows: rest.filter((row) => prompts.run[row] === run) })),
    units,
  );
}

/** Members by the prompts that tell them: most folds differ in prompts of few tasks. */
export type KnownMembers = Map<string, Int32Array>;

/** The network of a task by its runs' prompts among the training rows; undefined where these do not tell it. */
export function taskNetwork(
  activity: Activity,
  prompts: PresentedPrompts,
  training: Int32Array,
  task: number,
  rule: NetworkRule,
  rest: Baseline,
  known: KnownMembers = new Map(),
): TaskNetwork | undefined {
  const rows = training.filter((row) => prompts.task[row] === task);
  const on = rows.filter((row) => prompts.isTask[row] === 1);
  if (on.length < 2 || rows.length - on.length < 2) return undefined;
  const key = `${rows.join()} ${rule.threshold}`;
  const members = known.get(key) ?? membersOf(activity, prompts, rows, rule);
  known.set(key, members);
  return { members, profile: profileOf(activity, members, on, rest) };
}

function membersOf(
  { values, units }: Activity,
  prompts: PresentedPrompts,
  rows: Int32Array,
  { variance, threshold, statistic, ...rule }: NetworkRule,
): Int32Array {
  const given = { rows, run: rows.map((row) => prompts.run[row]), isTask: rows.map((row) => prompts.isTask[row]) };
  const {
    effect,
    variance: sampling,
    df,
    d,
    leastFreedom,
    mostFreedom,
  } = promptEffects(values, units, given, variance);
  // A hair lower, as decode has it: a threshold that is a unit's own deviate keeps that unit.
  const least = threshold * (1 - 1e-9);
  const critical = statistic === 't' ? () => least * least : criticalSquares(least, leastFreedom, mostFreedom);
  return Int32Array.from(effect.keys()).filter((u) => {
    const square = (effect[u] * effect[u]) / sampling[u];
    return square >= least * least && square >= critical(df[u]) && effectSign(d[u], rule) !== 0;
  });
}

/** Mean activity of rows in some units, against rest. */
export function profileOf({ values, units }: Activity, members: Int32Array, rows: Int32Array, rest: Baseline) {
  return Float64Array.from(members, (u) => {
    let sum = 0;
    for (const row of rows) sum += values[row * units + u];
    return deviationFromRest(rest, sum / rows.length, u);
  });
}

/** How far a pattern lies beyond the middle between rest and the task (see docs/statistics.md, Identification). */
export function networkScore(network: TaskNetwork | undefined, patternOf: (unit: number) => number): number {
  if (!network || network.members.length === 0) return Number.NEGATIVE_INFINITY;
  let [product, length] = [0, 0];
  for (const [k, u] of network.members.entries()) {
    const weight = network.profile[k];
    product += weight * patternOf(u);
    length += weight * weight;
  }
  return beyondMiddle(product, length);
}

/** Task prompts of a task among training rows. */
export const taskRows = (prompts: PresentedPrompts, training: Int32Array, task: number): Int32Array => {
  const chosen = new Set(training);
  return rowsWhere(prompts, (row) => chosen.has(row) && prompts.task[row] === task && prompts.isTask[row] === 1);
};
