import { strongestCut } from '@galvani/statistics';

/** The `count` units with the largest |z|, as 1 and -1 by its sign. Units that are not tested are never chosen. */
export function strongestUnits(z: Float64Array, count: number): Int8Array {
  const sizes = z.map(Math.abs);
  const least = strongestCut(sizes, count);
  const chosen = new Int8Array(z.length);
  // Of those as large as the last one the first have it.
  let left = count;
  for (const size of sizes) if (size > least) left--;
  for (let u = 0; u < z.length; u++)
    if (sizes[u] > least || (sizes[u] === least && left-- > 0)) chosen[u] = z[u] > 0 ? 1 : -1;
  return chosen;
}

/** Pearson correlation over the units that both maps tested. */
export function mapCorrelation(a: Float64Array, b: Float64Array): number {
  let n = 0;
  let meanA = 0;
  let meanB = 0;
  for (let u = 0; u < a.length; u++) {
    if (Number.isNaN(a[u]) || Number.isNaN(b[u])) continue;
    n++;
    meanA += a[u];
    meanB += b[u];
  }
  meanA /= n;
  meanB /= n;
  let aa = 0;
  let bb = 0;
  let ab = 0;
  for (let u = 0; u < a.length; u++) {
    if (Number.isNaN(a[u]) || Number.isNaN(b[u])) continue;
    const x = a[u] - meanA;
    const y = b[u] - meanB;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  return ab / Math.sqrt(aa * bb);
}
