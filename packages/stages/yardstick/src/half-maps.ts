import { innerProducts } from '@galvani/statistics';
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

/** Differences of several topics, [topics x units], in each unit's own scale. @param scale multiplies each unit; 0 leaves it out */
export function differenceMaps(
  weights: readonly ReadonlyMap<number, number>[],
  means: Float64Array,
  scale: Float64Array,
): Float64Array {
  const units = scale.length;
  const maps = new Float64Array(weights.length * units);
  for (const [k, own] of weights.entries()) {
    const map = maps.subarray(k * units, (k + 1) * units);
    const prompts = [...own];
    for (let i = 0; i < prompts.length; i += 4) {
      // Four prompts at once; of those that are missing at the end the first again, times 0.
      const [[a, wa], [b, wb], [c, wc], [d, wd]] = [0, 1, 2, 3].map((k) => prompts[i + k] ?? [prompts[0][0], 0]);
      let [ra, rb, rc, rd] = [a * units, b * units, c * units, d * units];
      for (let u = 0; u < units; u++, ra++, rb++, rc++, rd++)
        map[u] += wa * means[ra] + wb * means[rb] + wc * means[rc] + wd * means[rd];
    }
    for (let u = 0; u < units; u++) map[u] = scale[u] > 0 ? map[u] * scale[u] : 0;
  }
  return maps;
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
