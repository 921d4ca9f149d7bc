import { type DesignMatrix, designSpace, segmentMeans } from '../design-matrix.js';
import type { PromptFit } from '../fit.js';
import type { Segments } from '../layout.js';
import { contrastCovariance } from '../spread/contrast-covariance.js';
import { designProducts } from './least-squares.js';
import type { Moments } from './moment-sums.js';
import { accumulateMoments } from './moments.js';
import { ordinaryFit } from './ordinary-fit.js';

/**
 * Least squares on prompts' means, each prompt counting once however many tokens it has, with degrees of freedom counted in
 * prompts. One pass. Right whatever the correlation of tokens within a prompt, and whatever lengths have to do with conditions.
 *
 * Regressors that vary within prompts enter as their means over each prompt.
 *
 * @param conditions condition of each prompt: each has a variance of its own, so that contrasts are Welch's. Without them all
 *   prompts vary alike.
 */
export function promptEstimator(design: DesignMatrix, segments: Segments, units: number, conditions?: Int32Array) {
  const means = segmentMeans(design, segments);
  const space = designSpace(means);
  const moments = accumulateMoments(
    { squares: false, varying: [] },
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
      const fit = fitMeans('prompt', means, promptMeans, sums);
      if (conditions === undefined) return fit;
      const observations = {
        shared: design,
        design: means,
        unscaled: fit.sharedCovariance!,
        runs: segments.run,
        conditions,
        values: promptMeans,
        units,
      };
      return { ...fit, contrastCovariance: (weights) => contrastCovariance(observations, weights) };
    },
  };
}

/** Least squares on prompts' means, [prompts x units], about the shift of the moments. */
export function fitMeans(noise: string, means: DesignMatrix, promptMeans: Float64Array, moments: Moments): PromptFit {
  const { units, shift } = moments;
  const products = designProducts(means, promptMeans, units);
  const squares = columnSquares(promptMeans, units);
  const fit = ordinaryFit(noise, means, designSpace(means), { products, squares, shift, units });
  return { ...fit, promptMeans, shift };
}

/** Mean of each prompt about the unit's shift, [prompts x units]; where prompts have one row each the sums themselves. */
export function meansOf({ segments, sums, units }: Moments): Float64Array {
  if (segments.length.every((length) => length === 1)) return sums;
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
