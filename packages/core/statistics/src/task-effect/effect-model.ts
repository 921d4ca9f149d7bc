import { chebyshevInterpolant, normalLogSf, tLogSf, tUpperQuantile, zFromLogP } from '@galvani/numerics';
import { type ConditionVariances, conditionVariances, leastPart } from '../spread/condition-variances.js';
import { extendBasis } from '../spread/orthonormal-basis.js';

/** How prompts' spread is modelled: a variance for each of task and rest, or one for both. */
export type VarianceRule = 'separate' | 'pooled';

/** Runs of one task that are fitted together, all of one design. */
export interface RunsDesign {
  /** Task prompts of a run. */
  task: number;
  /** Rest prompts of a run. */
  rest: number;
  /** Number of runs. */
  runs: number;
}

/** What a unit shows of the task. */
export interface UnitEffect {
  /** Task minus rest. */
  effect: number;
  /** Sampling variance of the effect. */
  variance: number;
  /** Degrees of freedom of that variance. */
  df: number;
  /** Cohen's d: the effect in residual standard deviations of a prompt's mean (one for task and rest). */
  d: number;
}

/**
 * A least-squares fit of run intercepts and one task effect to several runs, from sums over their prompts (RunSums, added over
 * the runs). Differences between runs' effects count as residual.
 */
export interface EffectModel {
  /** Degrees of freedom with one variance; with two, the most that a unit can have, which is the same number. */
  readonly mostFreedom: number;
  /** The fewest that a unit can have. */
  readonly leastFreedom: number;
  /** Weight of a task prompt's and of a rest prompt's square in the sum that `gain` speaks of. */
  readonly squareWeights: readonly [task: number, rest: number];
  /**
   * Only a unit with sum^2 gain > squareWeights . [taskSquares, restSquares] can have a normal deviate beyond +-z: a test of all
   * units that takes no time, before `estimate` tells exactly.
   */
  gain(z: number): number;
  /** The same of t squared. */
  gainOfSquare(square: number): number;
  /** @returns whether the unit varies about the fit at all; `into` is overwritten where it does */
  estimate(sum: number, taskSquares: number, restSquares: number, into: UnitEffect): boolean;
  /** t alone, which takes half the time; NaN for a unit that does not vary about the fit. */
  t(sum: number, taskSquares: number, restSquares: number): number;
  /** Least t^2 whose normal deviate reaches z, for a unit with df degrees of freedom. */
  criticalSquare(z: number): (df: number) => number;
}

/**
 * With separate variances t is Welch's, for several runs: each condition's variance is estimated without bias from residuals, and degrees
 * of freedom are Satterthwaite's (conditionVariances). Where a condition has too few prompts for a variance of its own, both have one.
 */
export function effectModel({ task, rest, runs }: RunsDesign, variance: VarianceRule): EffectModel {
  const prompts = task + rest;
  const share = task / prompts;
  // Sum of squares of the regressor about its run's mean.
  const length = runs * task * (1 - share);
  const taskLoss = runs * task * (1 - share) ** 2;
  const restLoss = runs * rest * share ** 2;
  const mostFreedom = runs * (prompts - 1) - 1;
  const spread = variance === 'separate' ? separateVariances(task, rest, runs) : undefined;
  const [taskFreedom, restFreedom] = spread?.freedom ?? [mostFreedom, mostFreedom];
  const [tt, tr, rt, rr] = spread?.unbiased ?? [0, 0, 0, 0];
  const [taskShare, restShare] = spread ? [spread.shares[0][0], spread.shares[1][0]] : [0, 0];
  const squareWeights: [number, number] = spread
    ? [taskShare * tt + restShare * rt, taskShare * tr + restShare * rr]
    : [1 / mostFreedom / length, 1 / mostFreedom / length];
  const loss = squareWeights[0] * taskLoss + squareWeights[1] * restLoss;
  const leastFreedom = Math.min(taskFreedom, restFreedom);
  const squareAtMost = squareOfDeviate(mostFreedom);
  const gainOfSquare = (square: number) => ((1 + 1e-9) * (1 / square + loss)) / (length * length);
  return {
    mostFreedom,
    leastFreedom,
    squareWeights,
    gain: (z) => gainOfSquare(squareAtMost(z)),
    gainOfSquare,
    estimate(sum, taskSquares, restSquares, into) {
      const effect = sum / length;
      const onTask = Math.max(0, taskSquares - effect * effect * taskLoss);
      const onRest = Math.max(0, restSquares - effect * effect * restLoss);
      const residual = onTask + onRest;
      // Less than this is rounding of the sums.
      if (!(residual > 1e-12 * (taskSquares + restSquares))) return false;
      into.effect = effect;
      into.d = effect / Math.sqrt(residual / mostFreedom);
      if (spread) {
        const ofTask = Math.max(tt * onTask + tr * onRest, (leastPart * onTask) / taskFreedom) * taskShare;
        const ofRest = Math.max(rt * onTask + rr * onRest, (leastPart * onRest) / restFreedom) * restShare;
        into.variance = ofTask + ofRest;
        into.df = into.variance ** 2 / (ofTask ** 2 / taskFreedom + ofRest ** 2 / restFreedom);
      } else {
        into.variance = residual / mostFreedom / length;
        into.df = mostFreedom;
      }
      return true;
    },
    t(sum, taskSquares, restSquares) {
      const effect = sum / length;
      const onTask = Math.max(0, taskSquares - effect * effect * taskLoss);
      const onRest = Math.max(0, restSquares - effect * effect * restLoss);
      if (!(onTask + onRest > 1e-12 * (taskSquares + restSquares))) return Number.NaN;
      if (!spread) return effect / Math.sqrt((onTask + onRest) / mostFreedom / length);
      const ofTask = Math.max(tt * onTask + tr * onRest, (leastPart * onTask) / taskFreedom) * taskShare;
      const ofRest = Math.max(rt * onTask + rr * onRest, (leastPart * onRest) / restFreedom) * restShare;
      return effect / Math.sqrt(ofTask + ofRest);
    },
    criticalSquare(z) {
      return criticalSquares(z, leastFreedom, mostFreedom);
    },
  };
}

/** Least t^2 whose normal deviate reaches z, by degrees of freedom between two bounds. */
export function criticalSquares(z: number, leastFreedom: number, mostFreedom: number): (df: number) => number {
  if (z === Number.POSITIVE_INFINITY) return () => Number.POSITIVE_INFINITY;
  if (leastFreedom === mostFreedom) {
    const square = exactSquare(z, mostFreedom);
    return () => square;
  }
  const log = chebyshevInterpolant((x) => Math.log(exactSquare(z, 1 / x)), 1 / mostFreedom, 1 / leastFreedom, 24);
  return (df) => Math.exp(log(1 / df));
}

/** The size of the normal deviate with t's tail. */
export function sizeOfDeviate(t: number, df: number): number {
  return t === 0 ? 0 : zFromLogP(tLogSf(Math.abs(t), df));
}

/** Undefined where a condition has too few prompts for a variance of its own. */
function separateVariances(task: number, rest: number, runs: number): ConditionVariances | undefined {
  const prompts = task + rest;
  const rows = runs * prompts;
  const isTask = (row: number) => row % prompts < task;
  const indicators = Array.from({ length: runs }, (_, r) =>
    Float64Array.from({ length: rows }, (_, row) => (Math.floor(row / prompts) === r ? 1 : 0)),
  );
  const label = Float64Array.from({ length: rows }, (_, row) => (isTask(row) ? 1 : 0));
  const intercepts = extendBasis([], indicators);
  const [regressor] = extendBasis(intercepts, [label]);
  const length = Math.sqrt(runs * task * (rest / prompts));
  const found = conditionVariances({
    vectors: [regressor.map((value) => value / length)],
    basis: [...intercepts, regressor],
    conditions: Int32Array.from({ length: rows }, (_, row) => (isTask(row) ? 0 : 1)),
  });
  return found.count === 2 ? found : undefined;
}

function exactSquare(z: number, df: number): number {
  return z <= 0 ? 0 : tUpperQuantile(normalLogSf(z), df) ** 2;
}

/** t^2 of a normal deviate at one number of degrees of freedom, from below: by the next lower step of a ladder. */
export function squareOfDeviate(df: number): (z: number) => number {
  const known = new Map<number, number>();
  return (z) => {
    // A deviate a little lower lets some more units by, and there are few to work out.
    const step = Math.min(4000, Math.floor(z * 100));
    let square = known.get(step);
    if (square === undefined) {
      square = exactSquare(step / 100, df);
      known.set(step, square);
    }
    return square;
  };
}
