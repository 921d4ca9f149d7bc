import { fLogSf, tLogTwoSided, zFromLogP } from '@galvani/numerics';

/**
 * For a z the square of t (or F) that is surely too small to reach it with `df` degrees of freedom or fewer: a lower bound from a
 * table, within 1% of it.
 */
export function squareAtLeast(df: number, k: number): (z: number) => number {
  const [least, step, size] = [1e-3, 1.01, 2800];
  const key = `${df} ${k}`;
  let z = tablesOfZ.get(key);
  if (z === undefined) {
    z = Float64Array.from({ length: size }, (_, i) => {
      const square = least * step ** i;
      return k === 1 ? zFromLogP(tLogTwoSided(Math.sqrt(square), df) - Math.LN2) : zFromLogP(fLogSf(square, k, df));
    });
    if (tablesOfZ.size >= 32) tablesOfZ.clear();
    tablesOfZ.set(key, z);
  }
  const table = z;
  return (value) => {
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (table[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : least * step ** (low - 1) * (1 - 1e-4);
  };
}

/** Tables of designs met before: a table takes longer than a small test. */
const tablesOfZ = new Map<string, Float64Array>();
