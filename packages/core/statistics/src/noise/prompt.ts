import { type DesignMatrix, designSpace, segmentMeans } from '../design-matrix.js';
import type { PromptFit } from '../fit.js';
import type { Segments } from '../layout.js';
import { varyingColumns } from './columns.js';
import { designProducts } from './least-squares.js';
import { accumulateMoments, type Moments } from './moments.js';
import { ordinaryFit } from './ordinary-fit.js';
import { fitUnequalPrompts } from './prompt-variance.js';
import { withinSquares } from './within-prompts.js';

/**
 * A random intercept for each prompt: the model of prompt means, with degrees of freedom counted in prompts. One pass.
 *
 * With prompts of one length this is least squares on the means, which is exact whatever the correlation of tokens
 * within a prompt. With several lengths a mean's variance is prompt variance + token variance / length, and each
 * unit's ratio of the two is estimated by REML.
 *
 * Regressors that vary within prompts enter as their means over each prompt.
 */
export function promptEstimator(design: DesignMatrix, segments: Segments, units: number) {
  const means = segmentMeans(design, segments);
  const space = designSpace(means);
  const equal = segments.length.every((length) => length === segments.length[0]);
  const varying = equal ? [] : varyingColumns(design, segments);
  const moments = accumulateMoments(
    { squares: !equal, varying },
    design,
    segments,
    units,
    space.constant !== undefined,
  );
  return {
    add: moments.add,
    finish(): PromptFit {
      const sums = moments.finish();
      const promptMeans = meansOf(sums);
      if (!equal) {
        return fitUnequalPrompts(means, space, sums, promptMeans, withinSquares(design, means, sums, varying));
      }
      const products = designProducts(means, promptMeans, units);
      const squares = columnSquares(promptMeans, units);
      const { shift } = sums;
      return { ...ordinaryFit('prompt', means, space, { products, squares, shift, units }), promptMeans, shift };
    },
  };
}

/** Mean of each prompt about the unit's shift, [prompts x units]. */
function meansOf({ segments, sums, units }: Moments): Float64Array {
  const means = new Float64Array(sums.length);
  for (let s = 0; s < segments.count; s++) {
    const length = segments.length[s];
    for (let at = s * units; at < (s + 1) * units; at++) means[at] = sums[at] / length;
  }
  return means;
}

/** Sum of squares of each column of [rows x units]. */
export function columnSquares(y: Float64Array, units: number): Float64Array {
  const squares = new Float64Array(units);
  for (let from = 0; from < y.length; from += units) {
    for (let v = 0; v < units; v++) squares[v] += y[from + v] * y[from + v];
  }
  return squares;
}
