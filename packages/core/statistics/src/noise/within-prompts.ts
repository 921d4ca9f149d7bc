import { columnSpace, invertSymmetric } from '@galvani/numerics';
import { UserMistake } from '@galvani/terminal';
import type { DesignMatrix } from '../design-matrix.js';
import type { Moments } from './moment-sums.js';

/** What is left within prompts: the sum of squares about prompts' means, less what regressors explain there. */
export interface WithinPrompts {
  /** [units] */
  squares: Float64Array;
  /** Its degrees of freedom. */
  df: number;
}

/**
 * @param means the design's mean over each prompt
 * @param varying columns that vary within prompts, whose products the moments hold
 */
export function withinSquares(
  design: DesignMatrix,
  means: DesignMatrix,
  moments: Moments,
  varying: readonly number[],
): WithinPrompts {
  const { segments, units, sums } = moments;
  const { columns } = design;
  const squares = Float64Array.from(moments.squares as Float64Array);
  for (let s = 0; s < segments.count; s++) {
    for (let v = 0, at = s * units; v < units; v++, at++) squares[v] -= (sums[at] * sums[at]) / segments.length[s];
  }
  const count = varying.length;
  const deviations = new Float64Array(design.rows * count);
  for (let i = 0; i < design.rows; i++) {
    varying.forEach((j, k) => {
      deviations[i * count + k] = design.X[i * columns + j] - means.X[segments.ofRow[i] * columns + j];
    });
  }
  const { rank, pivots } = columnSpace(deviations, design.rows, count);
  const kept = Array.from(pivots.subarray(0, rank));
  const gram = new Float64Array(rank * rank);
  for (let i = 0; i < design.rows; i++) {
    kept.forEach((a, row) => {
      kept.forEach((b, column) => {
        gram[row * rank + column] += deviations[i * count + a] * deviations[i * count + b];
      });
    });
  }
  const inverse = invertSymmetric(gram, rank);
  if (inverse === undefined)
    throw new UserMistake(
      `The design is too close to collinear to be fitted: within prompts the columns ${kept.map((k) => `'${design.names[varying[k]]}'`).join(', ')} nearly follow from each other. Leave one out.`,
    );
  const products = new Float64Array(rank);
  for (let v = 0; v < units; v++) {
    kept.forEach((k, row) => {
      let sum = (moments.products as Float64Array)[k * units + v];
      for (let s = 0; s < segments.count; s++) sum -= means.X[s * columns + varying[k]] * sums[s * units + v];
      products[row] = sum;
    });
    for (let a = 0; a < rank; a++) {
      for (let b = 0; b < rank; b++) squares[v] -= products[a] * inverse[a * rank + b] * products[b];
    }
  }
  return { squares, df: design.rows - segments.count - rank };
}
