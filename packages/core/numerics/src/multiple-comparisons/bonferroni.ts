/**
 * Bonferroni's adjusted p: n p, at most 1. Controls the family-wise error under any dependence.
 *
 * @param logP natural log p of each unit; NaN = untested, left NaN and not counted
 * @param count size of the family, when it is larger than what is in `logP` (default: tested units)
 * @returns natural log of adjusted p, in the same order
 * @example bonferroni(Float64Array.of(0.01, NaN, 0.8).map(Math.log)).map(Math.exp) // [0.02, NaN, 1]
 */
export function bonferroni(logP: Float64Array, count?: number): Float64Array {
  let tested = count ?? 0;
  if (count === undefined) for (const value of logP) if (!Number.isNaN(value)) tested++;
  const factor = Math.log(tested);
  return logP.map((value) => {
    if (value > 1e-9) throw new RangeError(`log p of a unit is ${value}; a log p is 0 or less`);
    return Math.min(0, value + factor);
  });
}
