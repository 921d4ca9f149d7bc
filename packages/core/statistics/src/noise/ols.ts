import { type DesignMatrix, designSpace } from '../design-matrix.js';
import type { Fit } from '../fit.js';
import type { Segments } from '../layout.js';
import { varyingColumns } from './columns.js';
import {
  flagUnits,
  gramMatrix,
  leastSquares,
  productsFromMoments,
  restoreLevel,
  unscaledCovariance,
} from './least-squares.js';
import { accumulateMoments } from './moments.js';

/** Ordinary least squares over rows, as if tokens were independent. One pass. */
export function olsEstimator(design: DesignMatrix, segments: Segments, units: number) {
  const space = designSpace(design);
  const varying = varyingColumns(design, segments);
  const moments = accumulateMoments({ squares: true, varying }, design, segments, units, space.constant !== undefined);
  return {
    add: moments.add,
    finish(): Fit {
      const sums = moments.finish();
      const squares = sums.squares as Float64Array;
      const products = productsFromMoments(sums, design, varying, sums.sums, sums.products);
      const shared = unscaledCovariance(gramMatrix(design), space);
      const { beta, residual } = leastSquares(shared, products, squares, design.columns, units);
      const df = design.rows - space.rank;
      const dispersion = residual.map((sum) => Math.max(0, sum) / df);
      const flags = flagUnits(squares, residual, dispersion);
      restoreLevel(beta, sums.shift, space, flags);
      return {
        noise: 'ols',
        units,
        design,
        space,
        beta,
        dispersion,
        df,
        rank: space.rank,
        flags,
        parameters: {},
        sharedCovariance: shared,
        covariance: () => Float64Array.from(shared),
      };
    },
  };
}
