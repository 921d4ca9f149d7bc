import { concatenate } from '@galvani/numerics';
import { type MapSite, membership, type WholeMap } from '@galvani/results';
import type { OpenStudy } from './open-study.js';
import { recordedRuns } from './unit-series.js';

/**
 * The part `networks/<task>.arrow`: a network's mean activity at every recorded row, run after run. Each member counts as much: its activity in
 * standard deviations from its own mean over all these rows, negative for members below rest. Members that never change count as 0. NaN throughout
 * where the network is empty.
 *
 * @param sites of the study
 * @param map of the task
 */
export async function networkCourse(open: OpenStudy, sites: readonly MapSite[], map: WholeMap): Promise<Float32Array> {
  const signs = membership(map, open.plan.networks);
  const runs = await recordedRuns(open);
  let sum: Float64Array | undefined;
  let members = 0;
  for (const { site, width, start } of sites) {
    const units = Array.from({ length: width }, (_, unit) => unit).filter((unit) => signs[start + unit] !== 0);
    if (units.length === 0) continue;
    // One run after another: a wide site's rows are many.
    const parts: Float32Array[][] = [];
    for (const run of runs) parts.push(await run.storedUnits(site, units));
    for (const [u, unit] of units.entries()) {
      const values = concatenate([new Float32Array(0), ...parts.map((part) => part[u])]);
      sum ??= new Float64Array(values.length);
      addScores(sum, values, signs[start + unit]);
    }
    members += units.length;
  }
  return Float32Array.from(sum ?? new Float64Array(await rowsOf(runs)).fill(Number.NaN), (value) => value / members);
}

/** Adds a series in standard deviations from its mean, times a sign. */
function addScores(sum: Float64Array, values: Float32Array, sign: number): void {
  const { length } = values;
  const mean = values.reduce((total, value) => total + value, 0) / length;
  const spread = Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / length);
  if (!(spread > 0)) return;
  for (let row = 0; row < length; row++) sum[row] += (sign * (values[row] - mean)) / spread;
}

const rowsOf = async (runs: Awaited<ReturnType<typeof recordedRuns>>) =>
  runs.reduce((sum, { moments, events, tokens }) => sum + (moments ? events.length : tokens.length), 0);
