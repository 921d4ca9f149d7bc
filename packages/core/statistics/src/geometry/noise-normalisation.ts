import { cholesky, forwardSolve } from '@galvani/numerics';
import { innerProducts, type Patterns } from '../decoders/inner-products.js';
import { ledoitWolf } from '../decoders/ledoit-wolf.js';
import { selfProducts } from '../decoders/self-products.js';
import { cellRows, type PatternCells } from './pattern-cells.js';

/** Inner products of prompts' patterns over units, each unit's noise having variance 1. */
export interface PatternProducts {
  /** [prompts x prompts], symmetric. */
  readonly products: Float64Array;
  /** Units that they are sums over: those that vary within conditions. */
  readonly units: number;
}

/**
 * One over the standard deviation of each unit's residuals: prompts about the mean of their condition in their session. Degrees of freedom
 * are prompts less cells. 0 for a unit that does not vary there, since nothing says how far is far.
 *
 * @param values [prompts x units], row-major
 */
export function residualScale(values: Patterns, units: number, cells: PatternCells): Float64Array {
  const rows = cellRows(cells);
  const squares = new Float64Array(units);
  const largest = new Float64Array(units);
  const mean = new Float64Array(units);
  let df = 0;
  for (const own of rows) {
    df += own.length - 1;
    mean.fill(0);
    for (const row of own) for (let u = 0; u < units; u++) mean[u] += values[row * units + u] / own.length;
    for (const row of own)
      for (let u = 0; u < units; u++) {
        const value = values[row * units + u];
        squares[u] += (value - mean[u]) ** 2;
        largest[u] = Math.max(largest[u], Math.abs(value));
      }
  }
  // The residuals of a constant that is no power of two are not 0 but rounding.
  return squares.map((sum, u) => (Math.sqrt(sum / df) > 1e-12 * largest[u] ? Math.sqrt(df / sum) : 0));
}

/**
 * Univariate noise normalisation. Chunks of units are added in any number; sums are over all.
 *
 * Walther et al., NeuroImage 137 (2016), 188-200.
 */
export function noiseNormalisedProducts(cells: PatternCells) {
  const prompts = cells.session.length;
  const products = new Float64Array(prompts * prompts);
  let counted = 0;
  return {
    /** @param values [prompts x units] of a chunk of units, which is left as it is */
    async add(values: Patterns, units: number): Promise<void> {
      const scale = residualScale(values, units, cells);
      for (const own of scale) if (own > 0) counted++;
      const own = await selfProducts(values, units, scale);
      for (let at = 0; at < own.length; at++) products[at] += own[at];
    },
    finish: (): PatternProducts => ({ products, units: counted }),
  };
}

/**
 * Multivariate noise normalisation on top of the univariate: inner products under the inverse of the residuals' covariance, shrunken
 * towards the identity (Ledoit and Wolf 2004). As the rest of that covariance is of low rank, it is inverted among prompts
 * (Woodbury), which costs nothing for its units.
 *
 * @throws RangeError where it shrinks by nothing, so that there is no inverse
 */
export function shrunkenProducts({ products, units }: PatternProducts, cells: PatternCells): PatternProducts {
  const prompts = cells.session.length;
  const rows = cellRows(cells);
  const between = withoutCellMeans(products, prompts, rows);
  const residual = withoutCellMeans(transposed(between, prompts), prompts, rows);
  const { shrinkage, scale } = ledoitWolf(residual, units);
  // With residuals R the covariance is ridge I + slope R'R; its divisor is the degrees of freedom.
  const df = prompts - rows.length;
  const ridge = (shrinkage * scale * prompts) / df;
  const slope = (1 - shrinkage) / df;
  if (!(ridge > 0)) throw new RangeError('The covariance of residuals is not shrunken and has no inverse.');
  if (slope === 0) return { products: products.map((own) => own / ridge), units };
  for (let i = 0; i < prompts; i++) residual[i * (prompts + 1)] += ridge / slope;
  if (!cholesky(residual, prompts)) throw new RangeError('Patterns are not finite.');
  const solved = transposed(between, prompts);
  for (let i = 0; i < prompts; i++) forwardSolve(residual, prompts, solved.subarray(i * prompts, (i + 1) * prompts));
  const explained = innerProducts(solved, solved, prompts);
  return { products: products.map((own, at) => (own - explained[at]) / ridge), units };
}

/** Rows of a table [prompts x prompts] less the mean row of their cell. */
function withoutCellMeans(values: Float64Array, prompts: number, rows: readonly Int32Array[]): Float64Array {
  const out = values.slice();
  for (const own of rows)
    for (let j = 0; j < prompts; j++) {
      let mean = 0;
      for (const i of own) mean += values[i * prompts + j] / own.length;
      for (const i of own) out[i * prompts + j] -= mean;
    }
  return out;
}

const transposed = (values: Float64Array, size: number): Float64Array =>
  values.map((_, at) => values[(at % size) * size + Math.floor(at / size)]);
