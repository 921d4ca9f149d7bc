import type { RandomStream } from '@galvani/numerics';
import { drawHalves, joinHalves } from './draw-halves.js';
import { differenceMaps, differenceWeights, halfAgreement } from './half-maps.js';
import { networkSizes, type SizeRule } from './network-sizes.js';
import type { MatchedTopics, PresentedPrompts } from './presented-topics.js';

/** Means over draws, [topics] each. */
export interface Comparison {
  members: Float64Array;
  squaredEffect: Float64Array;
  repeatability: Float64Array;
  identified: Float64Array;
}

/** Tries every topic with equally many prompts, in several draws, over chunks of units. */
export function compareTopics(
  presented: PresentedPrompts,
  matched: MatchedTopics,
  draws: number,
  stream: RandomStream,
  rule: SizeRule,
) {
  const { runs } = presented;
  const topics = matched.topics.length;
  const halves = Array.from({ length: draws }, () => drawHalves(presented, matched, stream));
  const weights = halves.map((draw) => draw.map((half) => half.map((own) => differenceWeights(own, runs))));
  const agreements = halves.map(() => halfAgreement(topics));
  const whole = halves.flatMap(([a, b]) => a.map((own, k) => joinHalves(own, b[k], runs)));
  const sizes = networkSizes(whole, runs, rule);
  return {
    /**
     * @param means of all prompts, [prompts x units]
     * @param counted 1 for units that networks count
     * @param within variance of prompts within topics, 0 for a unit without
     */
    add(means: Float64Array, counted: Uint8Array, within: Float64Array): void {
      const scale = within.map((variance, u) => (counted[u] && variance > 0 ? 1 / Math.sqrt(variance) : 0));
      const units = scale.reduce((sum, own) => sum + (own > 0 ? 1 : 0), 0);
      for (const [i, [a, b]] of weights.entries())
        agreements[i].add([differenceMaps(a, means, scale), differenceMaps(b, means, scale)], units);
      sizes.add(means, counted);
    },
    finish(): Comparison {
      const members = sizes.finish();
      const found = agreements.map((each) => each.finish());
      const mean = (of: (draw: number, k: number) => number) =>
        Float64Array.from({ length: topics }, (_, k) => halves.reduce((sum, _half, i) => sum + of(i, k), 0) / draws);
      return {
        members: mean((i, k) => members[i * topics + k]),
        squaredEffect: mean((i, k) => found[i].squaredEffect[k]),
        repeatability: mean((i, k) => found[i].repeatability[k]),
        identified: mean((i, k) => found[i].identified[k]),
      };
    },
  };
}
