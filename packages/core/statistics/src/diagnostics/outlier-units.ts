/**
 * Units whose value is far from the others': |x - median| above `threshold` robust standard deviations
 * (1.4826 times the median absolute deviation). Transformers have a few such units in most layers.
 *
 * @param values of each unit (a log deviation, a level); NaN is no outlier
 * @param threshold default 6
 * @returns indices of the outliers, furthest first
 * Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993).
 */
export function outlierUnits(values: Float64Array, threshold = 6): Uint32Array {
  const finite = values.filter(Number.isFinite);
  const middle = median(finite);
  const spread = 1.4826 * median(finite.map((value) => Math.abs(value - middle)));
  const distance = (unit: number) => Math.abs(values[unit] - middle);
  const found = Array.from(values.keys()).filter((unit) => distance(unit) > threshold * spread);
  return Uint32Array.from(found.sort((a, b) => distance(b) - distance(a) || a - b));
}

function median(values: Float64Array): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
