import { chebyshevInterpolant, chebyshevSurface, noncentralTDelta } from '@galvani/numerics';

/**
 * The 95% interval of Cohen's d of every unit: the non-central t distributions of which the observed t is at the upper
 * and the lower 2.5%, exactly. With one number of degrees of freedom for all units it is read from a polynomial in
 * asinh(t), to 1e-8 of the interval; with its own for each unit from one in two variables, to 1e-5.
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
  if (typeof df !== 'number') return limitOfMany;
  return (x) => {
    // A fixed ladder of ranges, so that a unit's interval does not depend on which other units are there.
    let range = 8;
    while (range < Math.abs(x)) range *= 8;
    const s = Math.asinh(x);
    return table(range, df)(s) * Math.cosh(s);
  };
}

const surfaces = new Map<number, (u: number, w: number) => number>();

/**
 * The lower limit where each unit has its own degrees of freedom, from a polynomial for each octave of them. With
 * u = t / sqrt(t^2 + 2 df) the limit times sqrt(1 - u^2) is u sqrt(2 df) and a smooth rest, also where t is huge.
 */
function limitOfMany(t: number, df: number): number {
  if (!(df >= 2 && df < 2 ** 20)) return noncentralTDelta(t, df, 0.975);
  const octave = Math.floor(Math.log2(df));
  let rest = surfaces.get(octave);
  if (rest === undefined) {
    const exact = (u: number, w: number) => {
      const nu = 1 / w;
      const bounded = Math.max(-edge, Math.min(edge, u));
      const height = Math.sqrt(1 - bounded * bounded);
      const at = (bounded * Math.sqrt(2 * nu)) / height;
      return noncentralTDelta(at, nu, 0.975) * height - bounded * Math.sqrt(2 * nu);
    };
    rest = chebyshevSurface(
      exact,
      { low: -edge, high: edge, nodes: 33 },
      { low: 2 ** -(octave + 1), high: 2 ** -octave, nodes: 7 },
    );
    surfaces.set(octave, rest);
  }
  const root = Math.sqrt(t * t + 2 * df);
  const u = t / root;
  if (Math.abs(u) > edge) return noncentralTDelta(t, df, 0.975);
  return (rest(u, 1 / df) + u * Math.sqrt(2 * df)) * (root / Math.sqrt(2 * df));
}

/** |u| up to which the polynomial goes: t of ten times the root of twice the degrees of freedom. */
const edge = 0.995;

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
