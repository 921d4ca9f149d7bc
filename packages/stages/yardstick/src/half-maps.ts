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
    for (const [row, weight] of own)
      for (let u = 0, at = row * units; u < units; u++, at++) map[u] += weight * means[at];
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
        for (let k = 0, at = 0; k < topics; k++)
          for (let u = 0; u < width; u++, at++) {
            sum[h][k] += own[at];
            squares[h][k] += own[at] * own[at];
          }
      for (let k = 0; k < topics; k++)
        for (let l = 0; l < topics; l++) {
          let product = 0;
          for (let u = 0, a = k * width, b = l * width; u < width; u++, a++, b++) product += maps[0][a] * maps[1][b];
          products[k * topics + l] += product;
        }
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
