import type { Power } from '@galvani/artifact';
import { normalLogSf, tUpperQuantile } from '@galvani/numerics';
import { expectedPower, noncentralitiesOf, type PromptSelection } from '@galvani/statistics';
import type { ChoiceResult, PointResult } from './learning-curve.js';
import { meanMeasures, noMeasures } from './power-rows.js';

/** Most prompts of a block that are asked about, as a multiple of the recorded. */
const mostTimes = 16;

/** Numbers of prompts that are asked about. */
const steps = 80;

/**
 * Rows of what a study with more prompts in each block, and as many sessions, is expected to find of the units that are like members of its networks: members
 * by all sessions but one, with the effects that the session left out shows, since effects of the data that chose them are too large.
 *
 * @param minimumEffect least Cohen's d of a member
 */
export function expectedRows(
  results: readonly PointResult[],
  tasks: readonly string[],
  minimumEffect: number,
): Power[] {
  const whole = results.findLast(({ point }) => point.varied === 'prompts');
  if (!whole) return [];
  const { promptsPerBlock, sessions } = whole.point;
  const judged = results.flatMap(({ found }) => found.filter(({ leftOut }) => leftOut));
  const curves = tasks.map((_, t) =>
    powerCurve(
      judged.filter(({ choice }) => choice.task === t),
      whole.found.find(({ choice }) => choice.task === t)!,
      minimumEffect,
    ),
  );
  return promptCounts(promptsPerBlock).flatMap((count) => {
    const ofTasks = curves.map((curve) => ({ ...noMeasures, power: curve(count / promptsPerBlock) }));
    return [...tasks, ''].map((task, t) => ({
      ...{ varied: 'expected', task, prompts_per_block: count, sessions, tokens: 0, draws: 0 },
      ...(task === '' ? meanMeasures(ofTasks) : ofTasks[t]),
    }));
  });
}

/** Whole numbers from 2 (or fewer, where blocks have fewer) to 16 times the recorded, at like ratios. */
export function promptCounts(promptsPerBlock: number): number[] {
  const least = Math.min(2, promptsPerBlock);
  const ratio = (mostTimes * promptsPerBlock) / least;
  const counts = Array.from({ length: steps }, (_, i) => Math.round(least * ratio ** (i / (steps - 1))));
  return [...new Set([...counts, promptsPerBlock])].sort((a, b) => a - b);
}

/** Expected power of a task by how many times as many prompts there are; NaN where the pilot has no members to judge by. */
function powerCurve(
  judged: readonly ChoiceResult[],
  { threshold, choice }: ChoiceResult,
  minimumEffect: number,
): (times: number) => number {
  const t = judged.flatMap(({ leftOut }) => leftOut!.t);
  const df = judged.flatMap(({ leftOut }) => leftOut!.df);
  if (t.length === 0 || threshold === Number.POSITIVE_INFINITY) return () => Number.NaN;
  const found = noncentralitiesOf(t, df);
  const judge = countsOf(judged[0].choice.leftOut!);
  const whole = countsOf(choice.own);
  // Of the degrees of freedom that one variance would have, those that Welch's t has.
  const share = df.reduce((sum, own) => sum + own, 0) / df.length / (judge.on + judge.off - judge.runs - 1);
  return (times) => {
    const [on, off] = [whole.on * times, whole.off * times];
    const freedom = share * (on + off - whole.runs - 1);
    if (!(freedom > 0)) return Number.NaN;
    const critical = Math.max(
      tUpperQuantile(normalLogSf(threshold), freedom),
      minimumEffect * Math.sqrt((on * off) / (on + off)),
    );
    return expectedPower(found, Math.sqrt(on / judge.on), freedom, critical);
  };
}

function countsOf({ isOn, runs }: PromptSelection): { on: number; off: number; runs: number } {
  const on = isOn.reduce((sum, own) => sum + own, 0);
  return { on, off: isOn.length - on, runs: new Set(runs).size };
}
