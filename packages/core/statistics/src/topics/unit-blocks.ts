/** Units that lie beside each other. */
export const blockUnits = 4;

/** Prompts' values about their run's mean: four units beside each other, prompt after prompt, and then the next four. */
export interface UnitBlocks {
  /** [units / 4, rounded up] x [prompts] x [4]; units beyond the last have 0. */
  values: Float64Array;
  prompts: number;
  units: number;
}

/**
 * Values that are taken by prompts in many orders, a few units at a time: four of a prompt come with one place, and all prompts of a block stay in
 * the cache.
 *
 * @param means of prompts, [prompts x stride], of which units `from` to before `until` are taken
 * @param runs run of each prompt, from 0; equal ones together
 * @param into what an earlier call gave, whose memory is used again where it suffices
 */
export function unitBlocks(
  means: Float32Array | Float64Array,
  runs: Int32Array,
  stride: number,
  from: number,
  until: number,
  into?: UnitBlocks,
): UnitBlocks {
  const units = until - from;
  const prompts = runs.length;
  const length = blockUnits * prompts * Math.ceil(units / blockUnits);
  const own = into && into.values.length >= length ? into.values : new Float64Array(length);
  const values = own.length === length ? own : own.subarray(0, length);
  if (units % blockUnits) values.fill(0, length - blockUnits * prompts);
  const sum = new Float64Array(units);
  for (let first = 0, end = 0; first < prompts; first = end) {
    sum.fill(0);
    for (end = first; end < prompts && runs[end] === runs[first]; end++) addRow(means, end * stride + from, sum);
    for (let u = 0; u < units; u++) sum[u] /= end - first;
    for (let row = first; row < end; row++) putRow(means, row * stride + from, sum, values, row, prompts);
  }
  return { values, prompts, units };
}

/** Where a unit's value of the first prompt is; those of the others follow at every fourth place. */
export const placeOf = ({ prompts }: Pick<UnitBlocks, 'prompts'>, unit: number): number =>
  blockUnits * prompts * Math.floor(unit / blockUnits) + (unit % blockUnits);

function addRow(means: Float32Array | Float64Array, from: number, sum: Float64Array): void {
  for (let u = 0, at = from; u < sum.length; u++, at++) sum[u] += means[at];
}

function putRow(
  means: Float32Array | Float64Array,
  from: number,
  mean: Float64Array,
  values: Float64Array,
  row: number,
  prompts: number,
): void {
  const step = blockUnits * prompts;
  for (let u = 0, at = from, to = blockUnits * row; u < mean.length; u++, at++) {
    values[to + (u & 3)] = means[at] - mean[u];
    if ((u & 3) === 3) to += step;
  }
}
