import { blockUnits, innerProducts, type UnitBlocks } from '@galvani/statistics';
import type { HalfSelection } from './draw-halves.js';

/** Weights of prompts in a least-squares difference, own minus others, with an intercept for each run. */
export function differenceWeights({ rows, isOwn }: HalfSelection, runs: Int32Array): Map<number, number> {
  const size = new Map<number, { own: number; others: number }>();
  for (const [i, row] of rows.entries()) {
    const run = size.get(runs[row]) ?? { own: 0, others: 0 };
    if (isOwn[i]) run.own++;
    else run.others++;
    size.set(runs[row], run);
  }
  const precision = ({ own, others }: { own: number; others: number }) => (own * others) / (own + others);
  const total = [...size.values()].reduce((sum, run) => sum + precision(run), 0);
  return new Map(
    rows.map((row, i) => {
      const run = size.get(runs[row])!;
      const share = precision(run) / total;
      return [row, isOwn[i] ? share / run.own : -share / run.others];
    }),
  );
}

/** Prompts of several differences and their weights, as `addDifferences` takes them. */
export interface Differences {
  /** Of each prompt in a block of units, one difference after the other. */
  places: Int32Array;
  weights: Float64Array;
  /** One past the last prompt of each. */
  ends: Int32Array;
}

/** @param weights of prompts by their rows, for each topic */
export function preparedDifferences(weights: readonly ReadonlyMap<number, number>[]): Differences {
  const pairs = weights.map((own) => [...own]);
  let end = 0;
  return {
    places: Int32Array.from(pairs.flat(), ([row]) => blockUnits * row),
    weights: Float64Array.from(pairs.flat(), ([, weight]) => weight),
    ends: Int32Array.from(pairs, ({ length }) => (end += length)),
  };
}

/**
 * Differences of several topics, each unit in its own scale.
 *
 * @param scale of the blocks' units multiplies each; 0 leaves it out
 * @param maps [topics x width], of which units from `first` on are written
 */
export function putDifferences(
  { places, weights, ends }: Differences,
  { values, prompts, units }: UnitBlocks,
  scale: Float64Array,
  maps: Float64Array,
  width: number,
  first: number,
): void {
  const step = blockUnits * prompts;
  for (let unit = 0, base = 0; unit < units; unit += blockUnits, base += step)
    for (let k = 0, i = 0, to = first + unit; k < ends.length; k++, to += width) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (const end = ends[k]; i < end; i++) {
        const weight = weights[i];
        const at = base + places[i];
        s0 += weight * values[at];
        s1 += weight * values[at + 1];
        s2 += weight * values[at + 2];
        s3 += weight * values[at + 3];
      }
      maps[to] = scale[unit] > 0 ? s0 * scale[unit] : 0;
      if (unit + 1 < units) maps[to + 1] = scale[unit + 1] > 0 ? s1 * scale[unit + 1] : 0;
      if (unit + 2 < units) maps[to + 2] = scale[unit + 2] > 0 ? s2 * scale[unit + 2] : 0;
      if (unit + 3 < units) maps[to + 3] = scale[unit + 3] > 0 ? s3 * scale[unit + 3] : 0;
    }
}

/** What the maps of two halves say of each topic, [topics] each. */
export interface HalfAgreement {
  squaredEffect: Float64Array;
  repeatability: Float64Array;
  /** 1 where the second half's map is most like the first half's of the same topic. */
  identified: Float64Array;
}

/** Gathers products of two halves' maps over chunks of units. */
export function halfAgreement(topics: number) {
  const products = new Float64Array(topics * topics);
  const [sum, squares] = [0, 1].map(() => [new Float64Array(topics), new Float64Array(topics)]);
  let tested = 0;
  return {
    /** @param maps of both halves, [topics x units] @param units that count among them */
    add(maps: readonly [Float64Array, Float64Array], units: number): void {
      const width = maps[0].length / topics;
      tested += units;
      for (const [h, own] of maps.entries())
        for (let k = 0, at = 0; k < topics; k++) {
          let [all, square] = [0, 0];
          for (let u = 0; u < width; u++, at++) {
            all += own[at];
            square += own[at] * own[at];
          }
          sum[h][k] += all;
          squares[h][k] += square;
        }
      for (const [at, product] of innerProducts(maps[0], maps[1], width).entries()) products[at] += product;
    },
    finish(): HalfAgreement {
      const found: HalfAgreement = {
        squaredEffect: new Float64Array(topics),
        repeatability: new Float64Array(topics),
        identified: new Float64Array(topics),
      };
      for (let k = 0; k < topics; k++) {
        const own = products[k * topics + k];
        const spread = (h: number) => squares[h][k] - sum[h][k] ** 2 / tested;
        found.squaredEffect[k] = own / tested;
        found.repeatability[k] = (own - (sum[0][k] * sum[1][k]) / tested) / Math.sqrt(spread(0) * spread(1));
        const cosine = (l: number) => products[l * topics + k] / Math.sqrt(squares[0][l]);
        let best = 0;
        for (let l = 1; l < topics; l++) if (cosine(l) > cosine(best)) best = l;
        found.identified[k] = best === k ? 1 : 0;
      }
      return found;
    },
  };
}
