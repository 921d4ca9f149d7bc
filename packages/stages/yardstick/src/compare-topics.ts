import type { RandomStream } from '@galvani/numerics';
import { type UnitBlocks, unitBlocks } from '@galvani/statistics';
import { drawHalves, joinHalves } from './draw-halves.js';
import { differenceWeights, halfAgreement, preparedDifferences, putDifferences } from './half-maps.js';
import { networkSizes, type SizeRule } from './network-sizes.js';
import type { MatchedTopics, PresentedPrompts } from './presented-topics.js';

/** Means over draws, [topics] each. */
export interface Comparison {
  members: Float64Array;
  squaredEffect: Float64Array;
  repeatability: Float64Array;
  identified: Float64Array;
}

/** Units whose prompts are taken at a time, so that they stay in the cache, and units whose maps are multiplied at a time. */
const [tile, chunk] = [128, 256];

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
  const differences = halves.map((draw) =>
    draw.map((half) => preparedDifferences(half.map((own) => differenceWeights(own, runs)))),
  );
  const agreements = halves.map(() => halfAgreement(topics));
  const whole = halves.flatMap(([a, b]) => a.map((own, k) => joinHalves(own, b[k], runs)));
  const sizes = networkSizes(whole, runs, rule);
  const maps = [0, 1].map(() => halves.map(() => new Float64Array(topics * chunk)));
  let blocks: UnitBlocks | undefined;
  return {
    /**
     * @param means of all prompts, [prompts x units]
     * @param counted 1 for units that networks count
     * @param within variance of prompts within topics, 0 for a unit without
     */
    add(means: Float64Array, counted: Uint8Array, within: Float64Array): void {
      const scale = within.map((variance, u) => (counted[u] && variance > 0 ? 1 / Math.sqrt(variance) : 0));
      const units = counted.length;
      for (let from = 0; from < units; from += chunk) {
        const width = Math.min(chunk, units - from);
        const found = maps.map((half) => half.map((own) => own.subarray(0, topics * width)));
        for (let first = from; first < from + width; first += tile) {
          const until = Math.min(from + width, first + tile);
          blocks = unitBlocks(means, runs, units, first, until, blocks);
          for (const [i, draw] of differences.entries())
            for (const [h, own] of draw.entries())
              putDifferences(own, blocks, scale.subarray(first, until), found[h][i], width, first - from);
          sizes.add(blocks, counted.subarray(first, until));
        }
        const used = scale.subarray(from, from + width).reduce((sum, own) => sum + (own > 0 ? 1 : 0), 0);
        for (const [i, agreement] of agreements.entries()) agreement.add([found[0][i], found[1][i]], used);
      }
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
