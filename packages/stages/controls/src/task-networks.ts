import { beyondMiddle } from '@galvani/identification';
import { effectSign, strongestShare } from '@galvani/results';
import { cellEffects, cellTest, criticalSquares, type VarianceRule } from '@galvani/statistics';
import type { StageParameters } from '@galvani/study';
import { type ByUnit, rememberedByUnit } from './by-unit.js';
import { beyondRest, meanOver, type PromptCell, type RestLevel } from './prompt-cells.js';

/** A network that some prompts gave a task. */
export interface TaskNetwork {
  members: Int32Array;
  /** Of each member what the task's training prompts did, against training rest. */
  profile: Float64Array;
}

/** The study's rule of membership, with the fold's threshold. */
export interface NetworkRule extends Pick<StageParameters['networks'], 'minimumEffect' | 'sign' | 'top'> {
  variance: VarianceRule;
  /** |t| or |z|, as `statistic` says, from which a unit is a member; with `top` the prompts at hand have their own. */
  threshold: number;
  statistic: 't' | 'z';
}

/** Of a task that its training prompts do not tell. */
export const noNetwork: TaskNetwork = { members: new Int32Array(0), profile: new Float64Array(0) };

/** Members by the prompts that tell them: most folds differ in prompts of few tasks. */
export type KnownMembers = Map<string, Int32Array>;

/** What a task's training prompts did in each of so many units, in standard deviations of training rest; undefined where there are none. */
export function taskProfile(
  cells: readonly PromptCell[],
  task: number,
  rest: RestLevel,
  units: number,
): ByUnit | undefined {
  const own = cells.filter((cell) => cell.task === task && cell.isTask === 1).map(({ sums }) => sums);
  if (own.length === 0) return undefined;
  const mean = meanOver(own);
  return rememberedByUnit(units, (unit) => beyondRest(rest, mean(unit), unit));
}

/**
 * The network of a task by its runs' prompts among the training rows; undefined where these do not tell it.
 *
 * @param cells of the training rows
 */
export function taskNetwork(
  cells: readonly PromptCell[],
  task: number,
  rule: NetworkRule,
  profile: ByUnit | undefined,
  known: KnownMembers,
): TaskNetwork | undefined {
  const own = cells.filter((cell) => cell.task === task);
  const promptsOf = (isTask: number) =>
    own.reduce((sum, cell) => sum + (cell.isTask === isTask ? cell.sums.count : 0), 0);
  if (!profile || promptsOf(1) < 2 || promptsOf(0) < 2) return undefined;
  const key = `${own.map(({ name }) => name).join(' ')} ${rule.threshold}`;
  const members = known.get(key) ?? membersOf(own, rule);
  known.set(key, members);
  return { members, profile: profileOf(members, profile) };
}

function membersOf(cells: readonly PromptCell[], { variance, threshold, statistic, ...rule }: NetworkRule): Int32Array {
  if (rule.top !== undefined) {
    const { effect, variance: sampling } = cellEffects(cells, variance);
    const t = effect.map((value, u) => (sampling[u] > 0 ? value / Math.sqrt(sampling[u]) : Number.NaN));
    const chosen = strongestShare(t, rule.top, rule.sign);
    return Int32Array.from(chosen.keys()).filter((u) => chosen[u] !== 0);
  }
  const { leastFreedom, mostFreedom, eachBeyond } = cellTest(cells, variance);
  // A hair lower, as decode has it: a threshold that is a unit's own deviate keeps that unit.
  const least = threshold * (1 - 1e-9);
  const critical = statistic === 't' ? () => least * least : criticalSquares(least, leastFreedom, mostFreedom);
  const members: number[] = [];
  eachBeyond(least * least, (unit, { effect, variance: sampling, df, d }) => {
    if ((effect * effect) / sampling >= critical(df) && effectSign(d, rule) !== 0) members.push(unit);
  });
  return Int32Array.from(members);
}

/** A task's profile in some units. */
export function profileOf(members: Int32Array, profile: ByUnit): Float64Array {
  const own = new Float64Array(members.length);
  for (let k = 0; k < own.length; k++) own[k] = profile(members[k]);
  return own;
}

/** How far a pattern lies beyond the middle between rest and the task (see docs/statistics.md, Identification). */
export function networkScore(network: TaskNetwork | undefined, pattern: ByUnit): number {
  const { members, profile } = network ?? noNetwork;
  let [product, length] = [0, 0];
  for (let k = 0; k < members.length; k++) {
    product += profile[k] * pattern(members[k]);
    length += profile[k] * profile[k];
  }
  return beyondMiddle(product, length, members.length);
}
