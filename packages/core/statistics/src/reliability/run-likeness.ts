import type { Halves } from './halves.js';

/** How alike every two of R runs are, [R x R] row-major, symmetric; or products of their maps about their means. */
export type RunMatrix = Float64Array;

/** Products of maps about their means over the units that all of them know; [R x R], with each map's mean and the number of units. */
export interface MapProducts {
  products: RunMatrix;
  means: Float64Array;
  units: number;
}

/** @param maps a value for each unit, NaN where the map has none @param counted 1 for units to take. Default: all */
export function mapProducts(maps: readonly Float64Array[], counted?: ArrayLike<number>): MapProducts {
  const kept: number[] = [];
  for (let u = 0; u < maps[0].length; u++)
    if ((counted === undefined || counted[u]) && maps.every((map) => Number.isFinite(map[u]))) kept.push(u);
  const means = Float64Array.from(maps, (map) => kept.reduce((sum, u) => sum + map[u], 0) / kept.length);
  const centred = maps.map((map, r) => {
    const own = new Float64Array(kept.length);
    for (let k = 0; k < own.length; k++) own[k] = map[kept[k]] - means[r];
    return own;
  });
  const products = new Float64Array(maps.length ** 2);
  for (let a = 0; a < maps.length; a++)
    for (let b = a; b < maps.length; b++) {
      let sum = 0;
      const [x, y] = [centred[a], centred[b]];
      for (let u = 0; u < x.length; u++) sum += x[u] * y[u];
      products[a * maps.length + b] = sum;
      products[b * maps.length + a] = sum;
    }
  return { products, means, units: kept.length };
}

/** Pearson correlations of maps, of their products. */
export function correlationsOf(products: RunMatrix): RunMatrix {
  const runs = Math.sqrt(products.length);
  return products.map(
    (own, at) => own / Math.sqrt(products[Math.floor(at / runs) * (runs + 1)] * products[(at % runs) * (runs + 1)]),
  );
}

/**
 * Correlation of the mean maps of two groups of runs.
 * @param products of the maps, [R x R]
 */
export function groupCorrelation(products: RunMatrix, a: readonly number[], b: readonly number[]): number {
  const runs = Math.sqrt(products.length);
  const sum = (x: readonly number[], y: readonly number[]) => {
    let total = 0;
    for (const i of x) for (const j of y) total += products[i * runs + j];
    return total;
  };
  return sum(a, b) / Math.sqrt(sum(a, a) * sum(b, b));
}

/**
 * How alike runs of one task are, and runs of two, in different sessions.
 *
 * @param likeness of the runs, [R x R]
 * @param bearers for each session the run that bears each task, [sessions] of [tasks]
 * @param first for so many tasks, default all
 * @returns means over pairs of sessions, [first x tasks]: of a task with itself, and with each other
 */
export function likenessOverSessions(
  likeness: RunMatrix,
  bearers: readonly ArrayLike<number>[],
  first = bearers[0].length,
): Float64Array {
  const runs = Math.sqrt(likeness.length);
  const tasks = bearers[0].length;
  const pairs = bearers.length * (bearers.length - 1);
  const means = new Float64Array(first * tasks);
  for (let s = 0; s < bearers.length; s++)
    for (let r = 0; r < bearers.length; r++)
      if (r !== s)
        for (let t = 0; t < first; t++)
          for (let u = 0; u < tasks; u++)
            means[t * tasks + u] += likeness[bearers[s][t] * runs + bearers[r][u]] / pairs;
  return means;
}

/** The same for mean maps of halves of the sessions, over all ways to halve them. @param products of the maps, [R x R] */
export function likenessOverHalves(
  products: RunMatrix,
  bearers: readonly ArrayLike<number>[],
  halves: readonly Halves[],
  first = bearers[0].length,
): Float64Array {
  const tasks = bearers[0].length;
  const means = new Float64Array(first * tasks);
  const of = (half: readonly number[], t: number) => half.map((s) => bearers[s][t]);
  for (const split of halves)
    for (const [a, b] of [split, [split[1], split[0]]])
      for (let t = 0; t < first; t++)
        for (let u = 0; u < tasks; u++)
          means[t * tasks + u] += groupCorrelation(products, of(a, t), of(b, u)) / halves.length / 2;
  return means;
}

/** Of likenesses of tasks, [first x tasks]: within each task, and between it and the others, [first] each; NaN for a task alone. */
export function withinBetween(likeness: Float64Array, tasks: number): { within: Float64Array; between: Float64Array } {
  const first = likeness.length / tasks;
  const within = Float64Array.from({ length: first }, (_, t) => likeness[t * tasks + t]);
  const between = within.map(
    (own, t) => (likeness.subarray(t * tasks, (t + 1) * tasks).reduce((a, b) => a + b, 0) - own) / (tasks - 1),
  );
  return { within, between };
}
