import { type DesignMatrix, designSpace, segmentMeans } from '../design-matrix.js';
import type { PromptFit } from '../fit.js';
import type { Segments } from '../layout.js';
import { varyingColumns } from './columns.js';
import { accumulateMoments } from './moments.js';
import { fitMeans, meansOf } from './prompt.js';
import { fitUnequalPrompts } from './prompt-variance.js';
import { withinSquares } from './within-prompts.js';

/**
 * A random intercept for each prompt and independent tokens within it, by REML in each unit's own ratio of the two variances: a mean's
 * variance is prompt variance + token variance / length, and longer prompts count for more. One pass.
 *
 * With prompts of one length this is least squares on the means, whatever the correlation of tokens. It takes prompts of all
 * conditions to vary alike, and lengths to say nothing of activity.
 *
 * Regressors that vary within prompts enter as their means over each prompt.
 */
export function mixedEstimator(design: DesignMatrix, segments: Segments, units: number) {
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
    addPrompts: moments.addPrompts,
    finish(): PromptFit {
      const sums = moments.finish();
      const promptMeans = meansOf(sums);
      if (equal) return fitMeans('mixed', means, promptMeans, sums);
      return fitUnequalPrompts(means, space, sums, promptMeans, withinSquares(design, means, sums, varying));
    },
  };
}
