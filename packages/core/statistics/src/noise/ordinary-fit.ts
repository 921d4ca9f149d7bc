import type { DesignMatrix, DesignSpace } from '../design-matrix.js';
import type { Fit } from '../fit.js';
import { flagUnits, gramMatrix, leastSquares, restoreLevel, unscaledCovariance } from './least-squares.js';

/** What ordinary least squares needs of the observations, all about each unit's shift. */
export interface OrdinaryData {
  /** X'y, [columns x units]. */
  products: Float64Array;
  /** y'y, [units]. */
  squares: Float64Array;
  /** Level that was taken off, [units]. */
  shift: Float64Array;
  units: number;
}

/** The fit of observations whose errors are independent and alike: tokens for `ols`, prompts' means for `prompt`. */
export function ordinaryFit(
  noise: string,
  design: DesignMatrix,
  space: DesignSpace,
  { products, squares, shift, units }: OrdinaryData,
): Fit {
  const shared = unscaledCovariance(gramMatrix(design), space);
  const { beta, residual } = leastSquares(shared, products, squares, design.columns, units);
  const df = design.rows - space.rank;
  const dispersion = residual.map((sum) => Math.max(0, sum) / df);
  const flags = flagUnits(squares, residual, dispersion);
  restoreLevel(beta, shift, space, flags);
  const common = { units, design, space, beta, dispersion, df, rank: space.rank, flags };
  return {
    noise,
    ...common,
    parameters: {},
    sharedCovariance: shared,
    covariance: () => Float64Array.from(shared),
  };
}
