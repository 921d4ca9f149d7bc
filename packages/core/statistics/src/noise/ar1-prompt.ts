import { UserMistake } from '@galvani/terminal';
import { type DesignMatrix, designSpace } from '../design-matrix.js';
import type { Fit } from '../fit.js';
import type { Segments } from '../layout.js';
import { fitBalanced } from './ar1-prompt-balanced.js';
import { fitUnbalanced } from './ar1-prompt-general.js';
import { ar1Forms } from './autocorrelation.js';
import { varyingColumns } from './columns.js';
import { accumulateMoments } from './moments.js';

/**
 * AR(1) noise within each prompt plus a random intercept for each prompt, by REML, each unit at its own rho and ratio of
 * prompt variance to innovation variance. One pass.
 *
 * The ratio may come out negative (tokens of a prompt less alike than AR(1) alone makes them), so that hardly a unit sits on a
 * border and degrees of freedom stay what they are: with prompts of one length and regressors constant within them, the
 * test is exactly one over prompts, with prompts' means weighted as their autocorrelation asks. Otherwise degrees of
 * freedom are Satterthwaite's.
 *
 * `dispersion` is the variance of the weighted mean of a prompt of typical (harmonic mean) length.
 */
export function ar1PromptEstimator(design: DesignMatrix, segments: Segments, units: number) {
  const longest = segments.length.reduce((most, length) => Math.max(most, length), 0);
  if (longest < 3) {
    throw new UserMistake(
      `Noise model 'ar1+prompt' needs prompts of at least 3 tokens to tell autocorrelation from a prompt's own level; the longest has ${longest}. Use 'prompt'.`,
    );
  }
  const space = designSpace(design);
  const varying = varyingColumns(design, segments);
  const moments = accumulateMoments(
    { squares: true, neighbours: 'both', varying },
    design,
    segments,
    units,
    space.constant !== undefined,
  );
  const balanced = varying.length === 0 && segments.length.every((length) => length === segments.length[0]);
  return {
    add: moments.add,
    addPrompts: moments.addPrompts,
    finish(): Fit {
      const sums = moments.finish();
      const forms = ar1Forms(sums, design, space, varying, 'both');
      return (balanced ? fitBalanced : fitUnbalanced)(design, space, sums, forms);
    },
  };
}
