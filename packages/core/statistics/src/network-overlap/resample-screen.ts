import type { EffectModel } from '../task-effect/effect-model.js';
import { type DrawnPrompts, spreadFactor } from './drawn-prompts.js';
import type { TaskPatterns } from './task-patterns.js';

/**
 * What tells in a few products whether a unit of a draw may have |t| of a cut or more. The fit's weighted residual squares are, but for what
 * effects differ between runs, those within conditions: squares of deviations less what the drawn deviations' means take. So
 * |t| is below the cut where the squared sum of all runs, brought to the same measure, is no more than these.
 */
export interface ResampleScreen {
  /** What deviations of each prompt, rest's before task's, and at last the effects of all runs add to that sum, [draws x (prompts + 1)]. */
  ofSum: Float32Array;
  /** What squared deviations add to the squares, and at last the slack takes from them, [draws x (prompts + 1)]. */
  ofSquares: Float32Array;
  /** What a run's squared mean deviation, of rest and of task, takes from them. */
  ofMeans: readonly [rest: number, task: number];
  /** What rounding to 24 bits may hide: of a unit's squared effects, and of its squared deviations, summed over runs. */
  slack: readonly [effects: number, deviations: number];
}

export function resampleScreen(
  { prompts, task, isTask }: Pick<TaskPatterns, 'prompts' | 'task' | 'isTask'>,
  { draws, shares }: DrawnPrompts,
  model: EffectModel,
  cut: number,
): ResampleScreen {
  const rows = isTask.length;
  const runs = rows / prompts;
  const sizes = [prompts - task, task];
  const weight = (task * (prompts - task)) / prompts;
  const [taskWeight, restWeight] = model.squareWeights;
  const ofMeans = [restWeight, taskWeight].map((own, c) => own * sizes[c] * spreadFactor(sizes[c]) ** 2);
  // A sum's own part of the residual is in `gainOfSquare`, and its runs' squares are no less than their mean's.
  const ofEffects = (taskWeight * sizes[0] + restWeight * sizes[1]) / prompts;
  const gain = Math.max(0, model.gainOfSquare(cut * cut) - ofEffects / weight / runs);
  const perSum = weight * Math.sqrt(gain);
  const [ofSum, ofSquares] = [0, 1].map(() => new Float32Array(draws * (rows + 1)));
  for (let draw = 0, at = 0; draw < draws; draw++) {
    for (const [c, n] of sizes.entries())
      for (let run = 0; run < runs; run++)
        for (let k = 0; k < n; k++, at++) {
          const share = shares[c][(run * draws + draw) * n + k];
          ofSum[at] = (c === 1 ? perSum : -perSum) * spreadFactor(n) * share;
          ofSquares[at] = ofMeans[c] * share;
        }
    ofSum[at] = perSum;
    ofSquares[at++] = -1;
  }
  const rounding = (rows + 9) * 2 ** -22;
  const ofAllSums = 2 * perSum ** 2 * runs * rounding;
  const most = Math.max(...sizes.map(spreadFactor)) ** 2;
  return {
    ...{ ofSum, ofSquares, ofMeans: [ofMeans[0], ofMeans[1]] },
    slack: [ofAllSums, ofAllSums * most * 2 + Math.max(...ofMeans) * rounding * 2],
  };
}
