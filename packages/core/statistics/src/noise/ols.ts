import { type DesignMatrix, designSpace } from '../design-matrix.js';
import type { Fit } from '../fit.js';
import type { Segments } from '../layout.js';
import { varyingColumns } from './columns.js';
import { productsFromMoments } from './least-squares.js';
import { accumulateMoments } from './moments.js';
import { ordinaryFit } from './ordinary-fit.js';

/** Ordinary least squares over rows, as if tokens were independent. One pass. */
export function olsEstimator(design: DesignMatrix, segments: Segments, units: number) {
  const space = designSpace(design);
  const varying = varyingColumns(design, segments);
  const moments = accumulateMoments({ squares: true, varying }, design, segments, units, space.constant !== undefined);
  return {
    add: moments.add,
    addPrompts: moments.addPrompts,
    finish(): Fit {
      const sums = moments.finish();
      const squares = sums.squares as Float64Array;
      const products = productsFromMoments(sums, design, varying, sums.sums, sums.products);
      return ordinaryFit('ols', design, space, { products, squares, shift: sums.shift, units });
    },
  };
}
