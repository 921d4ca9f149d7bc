import { chebyshevInterpolant, fQuantile, noncentralFLambda } from '@galvani/numerics';

/**
 * The 95% interval of the partial eta squared of every unit, from the non-central F distributions of which the observed
 * F is at the upper and the lower 2.5%: lambda / (lambda + df1 + df2 + 1).
 *
 * Source: Steiger, Psychological Methods 9 (2004).
 *
 * @example partialEtaSquaredInterval(Float64Array.of(8), 2, 30) // { lower: [0.068], upper: [0.528] }
 */
export function partialEtaSquaredInterval(
  F: Float64Array,
  df1: number,
  df: number | Float64Array,
): { lower: Float64Array; upper: Float64Array } {
  const lower = new Float64Array(F.length);
  const upper = new Float64Array(F.length);
  const low = limit(df1, df, 0.975);
  const high = limit(df1, df, 0.025);
  for (let v = 0; v < F.length; v++) {
    const nu = typeof df === 'number' ? df : df[v];
    if (!Number.isFinite(F[v])) {
      lower[v] = Number.NaN;
      upper[v] = Number.NaN;
      continue;
    }
    const a = low(F[v], nu);
    const b = high(F[v], nu);
    lower[v] = a / (a + df1 + nu + 1);
    upper[v] = b / (b + df1 + nu + 1);
  }
  return { lower, upper };
}

/** The non-centrality at which P(F <= f) = p, as a function of f. */
function limit(df1: number, df: number | Float64Array, p: number): (f: number, nu: number) => number {
  if (typeof df !== 'number') return (f, nu) => noncentralFLambda(f, df1, nu, p);
  const zeroBelow = fQuantile(p, df1, df);
  return (f) => {
    if (f <= zeroBelow) return 0;
    // A fixed ladder of ranges, so that a unit's interval does not depend on which other units are there.
    let range = 8 * Math.max(1, zeroBelow);
    while (range < f) range *= 64;
    const s = Math.asinh(Math.sqrt(df1 * f));
    return Math.max(0, table(zeroBelow, range, df1, df, p)(s) * Math.cosh(s) ** 2);
  };
}

const tables = new Map<string, (s: number) => number>();

/** Chunks of units share their tables. */
function table(from: number, to: number, df1: number, df: number, p: number): (s: number) => number {
  const key = `${to} ${df1} ${df} ${p}`;
  let found = tables.get(key);
  if (found === undefined) {
    if (tables.size >= 64) tables.clear();
    const scaled = (s: number) => noncentralFLambda(Math.sinh(s) ** 2 / df1, df1, df, p) / Math.cosh(s) ** 2;
    found = chebyshevInterpolant(scaled, Math.asinh(Math.sqrt(df1 * from)), Math.asinh(Math.sqrt(df1 * to)), 80);
    tables.set(key, found);
  }
  return found;
}
