import type { Ceiling, DendrogramMerge, Distance } from '@galvani/artifact';
import {
  averageLinkage,
  ceilingP,
  conditionPairs,
  crossnobis,
  meanOverSessions,
  noiseCeiling,
  type PatternProducts,
  relabelledDistances,
  sessionDistances,
  shrunkenProducts,
} from '@galvani/statistics';
import type { StageParameters } from '@galvani/study';
import type { PresentedTasks } from './presented-tasks.js';

export interface DistanceRows {
  distances: Distance[];
  ceiling: Ceiling[];
  dendrogram: DendrogramMerge[];
}

/** How tasks lie to each other and, where there is rest, to it. */
export function distanceRows(
  measured: PatternProducts,
  presented: PresentedTasks,
  { noise, relabellings: count, seed }: StageParameters['geometry'],
): DistanceRows {
  const { tasks, sessions, conditions } = presented;
  // One unit has no covariance with others.
  const products = noise === 'shrunken' && measured.units > 1 ? shrunkenProducts(measured, presented) : measured;
  const names = [...tasks, 'rest'];
  const { p, familywise, smallest } = relabelledDistances(products, presented, { count, seed: `${seed} geometry` });
  const found = crossnobis(products, presented).map((own, k) => ({
    ...own,
    ...{ p: p[k], familywise: familywise[k], smallest: smallest[k] },
  }));
  const ofTasks = found.filter(({ b }) => b < tasks.length);
  const ofRest = found.filter(({ b }) => b === tasks.length);
  const distances = [...ofTasks, ...ofRest].map(({ a, b, familywise: overPairs, df: _, ...own }) => ({
    task_a: names[a],
    task_b: names[b],
    distance: own.distance,
    lower: own.lower,
    upper: own.upper,
    error: own.error,
    p: own.p,
    p_over_pairs: overPairs,
    smallest_p: own.smallest,
    units: products.units,
  }));
  const pairs = conditionPairs(conditions);
  const own = sessionDistances(products, presented).filter((_, at) => pairs[at % pairs.length][1] < tasks.length);
  return {
    distances,
    ceiling: ceilingRows(own, sessions, tasks.length, { count, seed: `${seed} geometry` }),
    dendrogram: dendrogramRows(ofTasks, tasks),
  };
}

function ceilingRows(
  distances: Float64Array,
  sessions: number,
  tasks: number,
  draw: { count: number; seed: string },
): Ceiling[] {
  if (tasks < 3) return [];
  const { lower, upper } = noiseCeiling(distances, sessions);
  const rows = Array.from(lower, (own, s) => ({ session: s + 1, lower: own, upper: upper[s], p: Number.NaN }));
  const p = ceilingP(distances, { sessions, conditions: tasks }, draw);
  return [...rows, { session: 0, lower: meanOverSessions(lower), upper: meanOverSessions(upper), p }];
}

function dendrogramRows(
  pairs: readonly { a: number; b: number; distance: number }[],
  tasks: readonly string[],
): DendrogramMerge[] {
  const matrix = new Float64Array(tasks.length ** 2);
  for (const { a, b, distance } of pairs) matrix[a * tasks.length + b] = matrix[b * tasks.length + a] = distance;
  const named = (leaves: readonly number[]) => leaves.map((t) => tasks[t]).join(' ');
  return averageLinkage(matrix, tasks.length).merges.map(({ first, second, height }) => ({
    first: named(first),
    second: named(second),
    height,
  }));
}
