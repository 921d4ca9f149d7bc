import type { Patterns } from './inner-products.js';

/** What units are standardised by: means and standard deviations, [units]. */
export interface Standardisation {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

/** Means and (population) standard deviations of units over some rows of a table [rows x units]; default all. */
export function standardisation(
  values: Patterns,
  units: number,
  rows?: readonly number[] | Int32Array,
): Standardisation {
  const chosen = rows ?? Int32Array.from({ length: values.length / units }, (_, i) => i);
  const means = new Float64Array(units);
  const deviations = new Float64Array(units);
  for (const row of chosen) for (let u = 0; u < units; u++) means[u] += values[row * units + u] / chosen.length;
  for (const row of chosen)
    for (let u = 0; u < units; u++) {
      const off = values[row * units + u] - means[u];
      deviations[u] += (off * off) / chosen.length;
    }
  return { means, deviations: deviations.map(Math.sqrt) };
}

/** Patterns less means and over deviations; a unit that does not vary where those are from is 0, since nothing says how far is far. */
export function standardisedPatterns(values: Patterns, { means, deviations }: Standardisation): Float64Array {
  const units = means.length;
  // The deviation of a constant that is no power of two is not 0 but rounding.
  const factors = deviations.map((own, u) => (own > 1e-12 * Math.abs(means[u]) ? 1 / own : 0));
  const out = new Float64Array(values.length);
  for (let from = 0; from < values.length; from += units)
    for (let u = 0; u < units; u++) out[from + u] = (values[from + u] - means[u]) * factors[u];
  return out;
}
