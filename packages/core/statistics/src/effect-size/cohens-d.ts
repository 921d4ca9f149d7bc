import { chebyshevInterpolant, noncentralTDelta } from '@galvani/numerics';

/**
 * The 95% interval of Cohen's d of every unit: the non-central t distributions of which the observed t is at the upper
 * and the lower 2.5%, exactly. With one number of degrees of freedom for all units it is read from a polynomial in
 * asinh(t), to 1e-8 of the interval.
 *
 * @param t of each unit
 * @param unscaled w' (X' V^-1 X)^-1 w of each unit: d = t sqrt(unscaled)
 * Source: Cumming and Finch, Educational and Psychological Measurement 61 (2001).
 *
 * @example cohensDInterval(Float64Array.of(5), Float64Array.of(0.1), 20) // { lower: [0.781], upper: [2.357] }
 */
export function cohensDInterval(
  t: Float64Array,
  unscaled: Float64Array,
  df: number | Float64Array,
): { lower: Float64Array; upper: Float64Array } {
  const lower = new Float64Array(t.length);
  const upper = new Float64Array(t.length);
  const limit = lowerLimit(df);
  for (let v = 0; v < t.length; v++) {
    const scale = Math.sqrt(unscaled[v]);
    const nu = typeof df === 'number' ? df : df[v];
    lower[v] = Number.isFinite(t[v]) ? limit(t[v], nu) * scale : Number.NaN;
    upper[v] = Number.isFinite(t[v]) ? -limit(-t[v], nu) * scale : Number.NaN;
  }
  return { lower, upper };
}

/** Lower limit of the non-centrality, as a function of t: its upper limit is the negative of the one of -t. */
function lowerLimit(df: number | Float64Array): (t: number, df: number) => number {
  if (typeof df !== 'number') return (x, nu) => noncentralTDelta(x, nu, 0.975);
  return (x) => {
    // A fixed ladder of ranges, so that a unit's interval does not depend on which other units are there.
    let range = 8;
    while (range < Math.abs(x)) range *= 8;
    const s = Math.asinh(x);
    return table(range, df)(s) * Math.cosh(s);
  };
}

const tables = new Map<string, (s: number) => number>();

/** Chunks of units share their tables: one takes as long as the intervals of ten thousand units. */
function table(range: number, df: number): (s: number) => number {
  const key = `${range} ${df}`;
  let found = tables.get(key);
  if (found === undefined) {
    if (tables.size >= 64) tables.clear();
    const end = Math.asinh(range);
    const scaled = (s: number) => noncentralTDelta(Math.sinh(s), df, 0.975) / Math.cosh(s);
    found = chebyshevInterpolant(scaled, -end, end, 96);
    tables.set(key, found);
  }
  return found;
}
