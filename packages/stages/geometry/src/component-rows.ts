import type { Component } from '@galvani/artifact';
import { componentTasks, type SpatialComponents } from '@galvani/statistics';
import type { StageParameters } from '@galvani/study';
import type { PresentedTasks } from './presented-tasks.js';

/** What a task's map says of each counted unit. */
export interface TaskMap {
  task: string;
  /** Cohen's d; NaN where the map has none. */
  d: Float64Array;
  /** 1 or -1 for members of the task's network, above or below rest; else 0. */
  members: Int8Array;
}

/** Which components follow which tasks, and whose maps are alike. @param maps over the units that components are made of */
export function componentRows(
  found: SpatialComponents,
  presented: PresentedTasks,
  maps: readonly TaskMap[],
  { relabellings: count, seed }: Pick<StageParameters['geometry'], 'relabellings' | 'seed'>,
): Component[] {
  if (found.count === 0) return [];
  const units = found.maps.length / found.count;
  const about = { ...presented, tasks: maps.length, count, seed: `${seed} geometry` };
  const { r, p, familywise } = componentTasks(found.timeCourses, about);
  return Array.from({ length: found.count }, (_, k) => {
    const map = found.maps.subarray(k * units, (k + 1) * units);
    return maps.map(({ task, d, members }, t) => ({
      component: k + 1,
      task,
      share: found.share[k],
      stability: found.stability[k],
      r: r[k * maps.length + t],
      p: p[k * maps.length + t],
      p_over_all: familywise[k * maps.length + t],
      map_r: correlation(map, d),
      members_z: signedMean(map, members),
    }));
  }).flat();
}

/** Pearson correlation over units that both know; NaN where one is constant. */
function correlation(a: Float64Array, b: Float64Array): number {
  let [known, sumA, sumB] = [0, 0, 0];
  for (let u = 0; u < b.length; u++) {
    if (!Number.isFinite(a[u]) || !Number.isFinite(b[u])) continue;
    known++;
    sumA += a[u];
    sumB += b[u];
  }
  const [meanA, meanB] = [sumA / known, sumB / known];
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (let u = 0; u < b.length; u++) {
    if (!Number.isFinite(a[u]) || !Number.isFinite(b[u])) continue;
    const [offA, offB] = [a[u] - meanA, b[u] - meanB];
    product += offA * offB;
    squaresA += offA * offA;
    squaresB += offB * offB;
  }
  return product / Math.sqrt(squaresA * squaresB);
}

function signedMean(values: Float64Array, signs: Int8Array): number {
  let [sum, count] = [0, 0];
  for (let u = 0; u < signs.length; u++)
    if (signs[u] !== 0) {
      sum += signs[u] * values[u];
      count++;
    }
  return sum / count;
}
