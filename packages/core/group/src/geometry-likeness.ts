import type { Distance } from '@galvani/artifact';
import { randomStream } from '@galvani/numerics';
import type { GroupStudy } from './group-study.js';
import type { GeometryRow } from './group-tables.js';

/** Most relabellings of tasks: all of up to seven tasks. */
const most = 5040;

/**
 * How alike the distances between tasks are, for each two studies (second-order similarity; Kriegeskorte, Mur and Bandettini, Front. Syst. Neurosci. 2
 * (2008)), and on average. p is by relabelling the tasks of the second study of a pair (Mantel, Cancer Research 27 (1967)); of the average, those of
 * every study but the first, each by itself.
 *
 * @param tasks that all studies have; nothing is compared with fewer than three
 */
export function geometryLikeness(
  studies: readonly Pick<GroupStudy, 'label' | 'distances'>[],
  tasks: readonly string[],
  seed: number,
): GeometryRow[] {
  const own = studies.flatMap(({ label, distances }) => {
    const matrix = distanceMatrix(distances, tasks);
    return matrix ? [{ label, matrix }] : [];
  });
  if (own.length < 2 || tasks.length < 3) return [];
  const identity = tasks.map((_, i) => i);
  const { orders, exhaustive } = taskOrders(tasks.length, seed);
  const rows: GeometryRow[] = [];
  const pairs = own.flatMap((a, i) => own.slice(i + 1).map((b) => ({ a, b, i, j: own.indexOf(b) })));
  for (const { a, b } of pairs) {
    const r = correlation(a.matrix, identity, b.matrix, identity);
    const null_ = orders.map((order) => correlation(a.matrix, identity, b.matrix, order));
    rows.push({ study_a: a.label, study_b: b.label, tasks: tasks.length, r, ...upperP(r, null_, exhaustive) });
  }
  const stream = randomStream(seed, 'geometry of all studies');
  const meanOf = (order: (study: number) => readonly number[]) =>
    pairs.reduce((sum, { a, b, i, j }) => sum + correlation(a.matrix, order(i), b.matrix, order(j)), 0) / pairs.length;
  const r = meanOf(() => identity);
  const null_ = Array.from({ length: most }, () => {
    const drawn = own.map((_, s) => (s === 0 ? identity : stream.shuffled(identity)));
    return meanOf((study) => drawn[study]);
  });
  rows.push({ study_a: '', study_b: '', tasks: tasks.length, r, ...upperP(r, null_, false) });
  return rows;
}

/** p of a value as large as r: b / m where all relabellings are there, r's own among them, else (b + 1) / (m + 1). */
function upperP(r: number, null_: readonly number[], exhaustive: boolean) {
  const m = null_.length;
  const reached = null_.filter((value) => value >= r - 1e-12).length;
  return {
    p: Number.isNaN(r) ? Number.NaN : exhaustive ? reached / m : (reached + 1) / (m + 1),
    smallest_p: exhaustive ? 1 / m : 1 / (m + 1),
    ...{ labellings: m, exhaustive },
  };
}

/** [tasks x tasks]; undefined where a distance is missing. */
function distanceMatrix(distances: readonly Distance[], tasks: readonly string[]): Float64Array | undefined {
  const matrix = new Float64Array(tasks.length ** 2).fill(Number.NaN);
  for (const { task_a, task_b, distance } of distances) {
    const [i, j] = [tasks.indexOf(task_a), tasks.indexOf(task_b)];
    if (i < 0 || j < 0) continue;
    matrix[i * tasks.length + j] = matrix[j * tasks.length + i] = distance;
  }
  for (let i = 0; i < tasks.length; i++) matrix[i * tasks.length + i] = 0;
  return matrix.some(Number.isNaN) ? undefined : matrix;
}

/** Pearson correlation over pairs of tasks, the tasks of either in an order. */
function correlation(a: Float64Array, orderA: readonly number[], b: Float64Array, orderB: readonly number[]): number {
  const n = orderA.length;
  const count = (n * (n - 1)) / 2;
  let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      const x = a[orderA[i] * n + orderA[j]];
      const y = b[orderB[i] * n + orderB[j]];
      sa += x;
      sb += y;
      saa += x * x;
      sbb += y * y;
      sab += x * y;
    }
  return (sab - (sa * sb) / count) / Math.sqrt((saa - (sa * sa) / count) * (sbb - (sb * sb) / count));
}

/** All orders of the tasks, where these are few; else as many drawn ones. */
function taskOrders(n: number, seed: number): { orders: number[][]; exhaustive: boolean } {
  const identity = Array.from({ length: n }, (_, i) => i);
  const count = identity.reduce((product, i) => product * (i + 1), 1);
  if (count <= most) return { orders: permutationsOf(identity), exhaustive: true };
  const stream = randomStream(seed, 'geometry');
  return { orders: Array.from({ length: most }, () => stream.shuffled(identity)), exhaustive: false };
}

const permutationsOf = (items: readonly number[]): number[][] =>
  items.length <= 1
    ? [[...items]]
    : items.flatMap((first) => permutationsOf(items.filter((item) => item !== first)).map((rest) => [first, ...rest]));
