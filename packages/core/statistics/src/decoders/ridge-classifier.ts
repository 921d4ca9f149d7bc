import { backwardSolve, cholesky, forwardSolve } from '@galvani/numerics';
import { type Decoder, decoderOf } from './decoder.js';
import { combinedRows, interceptsAt, linearScorer, meanRow } from './linear-scorer.js';

/**
 * Ridge regression of +1 (of the class) and -1 (of another) for each class, with an intercept that is not penalised; the score is the
 * prediction. Solved in its dual form, in as many unknowns as rows: (K + alpha I) a = y, K the rows' inner products about their mean.
 *
 * As scikit-learn's RidgeClassifier. Saunders, Gammerman and Vovk, ICML 1998.
 *
 * @param alpha weight of the squared length of the weights, in squared units of the patterns; above 0; default 1
 */
export function ridgeClassifier({ alpha = 1 }: { alpha?: number } = {}): Decoder {
  if (!(alpha > 0 && alpha < Number.POSITIVE_INFINITY))
    throw new RangeError(`alpha is ${alpha}; it must be a number above 0.`);
  return decoderOf(({ values, classes, count, rows, sizes, centred }) => {
    const factor = centred();
    for (let i = 0; i < rows; i++) factor[i * rows + i] += alpha;
    if (!cholesky(factor, rows)) throw new RangeError(`alpha ${alpha} is lost in the rounding of patterns so large.`);
    const coefficients = new Float64Array(count * rows);
    const means = sizes.map((size) => (2 * size) / rows - 1);
    for (let c = 0; c < count; c++) {
      const own = coefficients.subarray(c * rows, (c + 1) * rows);
      for (let i = 0; i < rows; i++) own[i] = (classes[i] === c ? 1 : -1) - means[c];
      forwardSolve(factor, rows, own);
      backwardSolve(factor, rows, own);
    }
    const weights = combinedRows(coefficients, values, rows);
    return linearScorer(weights, interceptsAt(weights, meanRow(values, rows), means));
  });
}
