/** The `count` units with the largest |z|, as 1 and -1 by its sign. Units that are not tested are never chosen. */
export function strongestUnits(z: Float64Array, count: number): Int8Array {
  const order = [...z.keys()]
    .filter((u) => !Number.isNaN(z[u]))
    .sort((a, b) => Math.abs(z[b]) - Math.abs(z[a]) || a - b);
  const chosen = new Int8Array(z.length);
  for (const u of order.slice(0, count)) chosen[u] = z[u] > 0 ? 1 : -1;
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
