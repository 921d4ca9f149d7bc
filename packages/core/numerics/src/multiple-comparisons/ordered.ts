/** The tested units of a family, from the smallest p to the largest. */
export interface OrderedFamily {
  /** Indices of tested units, ascending in log p; ties keep their order. */
  readonly order: Uint32Array;
  /** Log p in that order, none above 0. */
  readonly logP: Float64Array;
}

/**
 * Orders a family by log p. NaN marks an untested unit: it is left out and not counted.
 *
 * @throws RangeError for a log p above 0 (more than rounding): most likely p was given instead of log p.
 */
export function orderFamily(logP: Float64Array): OrderedFamily {
  const tested = new Uint32Array(logP.length);
  let count = 0;
  for (let i = 0; i < logP.length; i++) {
    const value = logP[i];
    if (value > 1e-9) throw new RangeError(`log p of unit ${i} is ${value}; a log p is 0 or less`);
    if (!Number.isNaN(value)) tested[count++] = i;
  }
  const order = tested.subarray(0, count);
  // Sorting by a function takes longer than all else, also where there is nothing to do.
  let ascending = true;
  for (let k = 1; k < count && ascending; k++) ascending = logP[order[k - 1]] <= logP[order[k]];
  if (!ascending) order.sort((a, b) => logP[a] - logP[b] || a - b);
  const ordered = new Float64Array(count);
  for (let k = 0; k < count; k++) ordered[k] = Math.min(logP[order[k]], 0);
  return { order, logP: ordered };
}

/** Puts adjusted log p back in the units' places; untested units stay NaN. */
export function restore(family: OrderedFamily, adjusted: Float64Array, length: number): Float64Array {
  const out = new Float64Array(length).fill(NaN);
  for (let k = 0; k < family.order.length; k++) out[family.order[k]] = adjusted[k];
  return out;
}
