import type { Fit, TContrastResult } from '@galvani/statistics';
import type { FittedContrast } from '../fit/fitted-glm.js';
import type { RowSource } from '../fit/row-source.js';

/** Exponents of two up to which float64 holds what is computed of a unit, as far as the square of a variance; float32 has no others. */
const ordinary = 128;

/** Powers of two that bring the units of some rows near 1, [width]; undefined where all are in ordinary units already. */
export function unitFactors(values: Float32Array | Float64Array, width: number): Float64Array | undefined {
  if (values instanceof Float32Array) return undefined;
  const largest = new Float64Array(width);
  for (let row = 0; row < values.length; row += width)
    for (let u = 0; u < width; u++) {
      const size = Math.abs(values[row + u]);
      if (size > largest[u] && size < Number.POSITIVE_INFINITY) largest[u] = size;
    }
  const exponents = largest.map((size) => (size === 0 ? 0 : Math.floor(Math.log2(size))));
  if (exponents.every((exponent) => Math.abs(exponent) <= ordinary)) return undefined;
  return exponents.map((exponent) => (Math.abs(exponent) <= ordinary ? 1 : 2 ** -Math.max(-1023, exponent)));
}

/** The same rows in other units, exactly. */
export function inFactors<V extends Float32Array | Float64Array>(values: V, factors: Float64Array | undefined): V {
  return factors === undefined ? values : (values.map((value, at) => value * factors[at % factors.length]) as V);
}

/** Rows whose units are all near 1, and by what each was multiplied, [units], once the first batch was read. */
export interface ScaledRows extends RowSource {
  factors(): Float64Array | undefined;
}

/**
 * Rows of a source with units of extreme size multiplied by powers of two, which changes no t; all other units stay as they are. The
 * first batch decides, so that the same rows have the same factors in every pass.
 */
export function scaledRows(source: RowSource): ScaledRows {
  let found: (Float64Array | undefined)[] | undefined;
  return {
    ...source,
    async *batches() {
      for await (const batch of source.batches()) {
        found ??= batch.values.map((values, c) => unitFactors(values, source.columns[c].width));
        const factors = found;
        yield { ...batch, values: batch.values.map((values, c) => inFactors(values, factors[c])) };
      }
    },
    factors() {
      if (!found?.some((own) => own !== undefined)) return undefined;
      return Float64Array.from(
        found.flatMap((own, c) => Array.from(own ?? new Float64Array(source.columns[c].width).fill(1))),
      );
    },
  };
}

/** A contrast in the units of the series as it was given. */
export function contrastInUnits<C extends FittedContrast>(contrast: C, factors: Float64Array | undefined): C {
  if (factors === undefined || contrast.kind !== 't') return contrast;
  const { effect, lower, upper, variance, dispersion } = contrast as TContrastResult;
  const [once, twice] = [divided(factors, 1), divided(factors, 2)];
  return {
    ...contrast,
    effect: once(effect),
    lower: once(lower),
    upper: once(upper),
    variance: twice(variance),
    dispersion: twice(dispersion),
  };
}

/** The same of a fit. */
export function fitInUnits(fit: Fit, factors: Float64Array | undefined): Fit {
  if (factors === undefined) return fit;
  return { ...fit, beta: divided(factors, 1)(fit.beta), dispersion: divided(factors, 2)(fit.dispersion) };
}

const divided = (factors: Float64Array, power: 1 | 2) => (values: Float64Array) =>
  values.map((value, at) => {
    const factor = factors[at % factors.length];
    return power === 1 ? value / factor : value / factor / factor;
  });
