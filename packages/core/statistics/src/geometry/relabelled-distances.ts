import { holm, randomStream } from '@galvani/numerics';
import { relabelledP } from '../reliability/relabelled-sessions.js';
import type { PatternProducts } from './noise-normalisation.js';
import { cellRows, conditionPairs, type PatternCells } from './pattern-cells.js';

/** p of each pair's distance, in the order of `conditionPairs`. */
export interface DistanceTest {
  /** One-sided: the share of relabellings whose distance is at least as large, never 0. */
  p: Float64Array;
  /** Corrected over all pairs by Holm's method, which holds however they depend on each other. */
  familywise: Float64Array;
  /** The least p that a pair's prompts and the number of relabellings can give on average: of few prompts many relabellings are the same. */
  smallest: Float64Array;
}

/**
 * Tests every distance of `crossnobis` by exchanging the prompts of its two conditions at random within sessions. Other conditions have no
 * part in it, so a pair's p does not depend on what else the study has. The noise normalisation stays as it is.
 *
 * @param count relabellings of each pair
 */
export function relabelledDistances(
  { products, units }: PatternProducts,
  cells: PatternCells,
  { count, seed }: { count: number; seed: number | string },
): DistanceTest {
  const { sessions, conditions } = cells;
  const rows = cellRows(cells);
  const pairs = conditionPairs(conditions);
  const p = Float64Array.from(pairs, ([a, b]) => {
    const own = Array.from({ length: sessions }, (_, s) => [rows[s * conditions + a], rows[s * conditions + b]]);
    const distance = pairDistance(products, units, own);
    const stream = randomStream(seed, 'conditions relabelled', a, b);
    const natural = own.map(([x, y]) => Array.from({ length: x.length + y.length }, (_, i) => i));
    const first = own.map(([x]) => x.length);
    const relabelled = Float64Array.from({ length: count }, () =>
      distance(natural.map((places, s) => stream.shuffled(places).slice(0, first[s]))),
    );
    return relabelledP(distance(natural.map((places, s) => places.slice(0, first[s]))), relabelled, false);
  });
  const smallest = Float64Array.from(pairs, ([a, b]) => {
    const sizes = Array.from({ length: sessions }, (_, s) => [a, b].map((c) => rows[s * conditions + c].length));
    return Math.max(1 / (count + 1), leastShare(sizes));
  });
  return { p, familywise: holm(p.map(Math.log)).map(Math.exp), smallest };
}

/** Share of all relabellings that have the largest distance: the one, and the one with both labels exchanged throughout where that is one. */
function leastShare(sizes: readonly (readonly number[])[]): number {
  const ways = sizes.reduce((product, [a, b]) => {
    for (let i = 1; i <= a; i++) product *= (b + i) / i;
    return product;
  }, 1);
  return (sizes.every(([a, b]) => a === b) ? 2 : 1) / ways;
}

/**
 * The distance of a pair as a function of which prompts of each session bear the first label: as the others are all of the rest, only sums
 * over those are made.
 *
 * @param own prompts of both conditions in each session
 * @returns given for each session places among its prompts of both, those of the first condition before those of the second
 */
export function pairDistance(products: Float64Array, units: number, own: readonly (readonly Int32Array[])[]) {
  const prompts = Math.sqrt(products.length);
  const sessions = own.length;
  const factor = 2 / (sessions * (sessions - 1) * units);
  const both = own.map(([a, b]) => Int32Array.from([...a, ...b]));
  // d_s = chosen (1 / a + 1 / b) - total / b, where chosen and total are sums over prompts.
  const weight = own.map(([a, b]) => 1 / a.length + 1 / b.length);
  const rest = own.map(([, b]) => 1 / b.length);
  const onTotal = both.map((mine) =>
    both.map((theirs) =>
      Float64Array.from(mine, (i) => {
        let sum = 0;
        for (const j of theirs) sum += products[i * prompts + j];
        return sum;
      }),
    ),
  );
  const totals = onTotal.map((each) => each.map((values) => values.reduce((sum, value) => sum + value, 0)));
  return (chosen: readonly (readonly number[])[]): number => {
    let distance = 0;
    for (let s = 0; s < sessions; s++)
      for (let r = 0; r < s; r++) {
        let among = 0;
        let mine = 0;
        let theirs = 0;
        for (const i of chosen[s]) {
          const row = both[s][i] * prompts;
          for (const j of chosen[r]) among += products[row + both[r][j]];
          mine += onTotal[s][r][i];
        }
        for (const j of chosen[r]) theirs += onTotal[r][s][j];
        distance +=
          weight[s] * weight[r] * among -
          weight[s] * rest[r] * mine -
          weight[r] * rest[s] * theirs +
          rest[s] * rest[r] * totals[s][r];
      }
    return factor * distance;
  };
}
