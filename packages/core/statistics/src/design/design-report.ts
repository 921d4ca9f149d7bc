import { singularValues } from '@galvani/numerics';
import type { Contrast } from '../contrast/contrast.js';
import { checkEstimable } from '../contrast/estimability.js';
import { type DesignMatrix, designSpace } from '../design-matrix.js';
import { gramMatrix, unscaledCovariance } from '../noise/least-squares.js';

/** What a design can and cannot tell. */
export interface DesignReport {
  names: string[];
  rows: number;
  rank: number;
  /** Largest over smallest singular value, columns scaled to length one; Infinity where the rank is deficient. */
  condition: number;
  /** Correlation of each pair of columns, [columns x columns]; NaN for a constant column. */
  correlations: Float64Array;
  /**
   * How much other columns inflate each coefficient's variance, 1 / (1 - R^2); Infinity for a column that others make
   * up, NaN for a constant one.
   */
  varianceInflation: Float64Array;
  /** Sets of columns that cannot be told apart. */
  collinear: string[][];
  contrasts: {
    name: string;
    /** 1 / (w' (X'X)^+ w), the mean over rows of an F contrast; 0 where it cannot be estimated. */
    efficiency: number;
    /** Why it cannot be estimated. */
    reason: string | undefined;
  }[];
}

/** Describes a design; give the one that the noise model fits (`effectiveDesign`). */
export function designReport(design: DesignMatrix, contrasts: readonly Contrast[] = []): DesignReport {
  const { names, rows, columns, X } = design;
  const space = designSpace(design);
  const values = singularValues(space.space);
  const covariance = unscaledCovariance(gramMatrix(design), space);
  const mean = new Float64Array(columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) mean[j] += X[i * columns + j] / rows;
  const centred: DesignMatrix = { ...design, X: X.map((value, at) => value - mean[at % columns]) };
  const gram = gramMatrix(centred);
  const size = (j: number) => gram[j * columns + j];
  const constant = (j: number) => size(j) <= 1e-20 * rows * Math.max(1e-300, mean[j] ** 2);
  const correlations = new Float64Array(columns * columns);
  const varianceInflation = new Float64Array(columns);
  for (let j = 0; j < columns; j++) {
    for (let k = 0; k < columns; k++) {
      const scale = constant(j) || constant(k) ? Number.NaN : Math.sqrt(size(j) * size(k));
      correlations[j * columns + k] = j === k && !constant(j) ? 1 : gram[j * columns + k] / scale;
    }
    if (constant(j)) varianceInflation[j] = Number.NaN;
    else if (space.nullSpace.some((nothing) => nothing[j] !== 0)) varianceInflation[j] = Number.POSITIVE_INFINITY;
    else varianceInflation[j] = covariance[j * columns + j] * size(j);
  }
  return {
    names,
    rows,
    rank: space.rank,
    condition: space.rank < columns ? Number.POSITIVE_INFINITY : values[0] / values[columns - 1],
    correlations,
    varianceInflation,
    collinear: space.nullSpace.map((nothing) => names.filter((_, j) => nothing[j] !== 0)),
    contrasts: contrasts.map((contrast) => {
      const reason = checkEstimable(contrast.weights, design, space);
      return {
        name: contrast.name,
        efficiency: reason === undefined ? meanEfficiency(contrast.weights, covariance, columns) : 0,
        reason,
      };
    }),
  };
}

function meanEfficiency(rows: readonly Float64Array[], covariance: Float64Array, columns: number): number {
  let variance = 0;
  for (const w of rows) {
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < columns; k++) variance += (w[j] * covariance[j * columns + k] * w[k]) / rows.length;
    }
  }
  return 1 / variance;
}
