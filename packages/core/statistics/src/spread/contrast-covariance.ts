import type { DesignMatrix } from '../design-matrix.js';
import type { ContrastCovariance } from '../fit.js';
import { bearingRows, effectVector, rowsOf } from './bearing-rows.js';
import { type ConditionVariances, conditionVariances, effectCovariance } from './condition-variances.js';
import { columnsOf, extendBasis, subtractAlong } from './orthonormal-basis.js';

/** Observations whose variance is their condition's. */
export interface SpreadObservations {
  design: DesignMatrix;
  /** (X'X)^-1 on the design's column space, [p x p]. */
  unscaled: Float64Array;
  /** Run and condition of each row, [B]. */
  runs: Int32Array;
  conditions: Int32Array;
  /** [B x units] row-major. */
  values: Float64Array;
  units: number;
}

/** What a contrast's covariance is made of, whatever the values: units come in chunks. */
interface PreparedSpread {
  rows: Int32Array;
  basis: Float64Array[];
  model: ConditionVariances;
}

const preparedOf = new WeakMap<Float64Array, Map<string, PreparedSpread>>();

/**
 * The covariance of least-squares effects by the variances of conditions, from residuals of the rows that bear on them.
 *
 * @param weights of the design's columns, [k] of [p], independent
 */
export function contrastCovariance(
  observations: SpreadObservations,
  weights: readonly Float64Array[],
): ContrastCovariance {
  const { units, values } = observations;
  const { rows, basis, model } = preparedSpread(observations, weights);
  const k = model.effects;
  const left = Float64Array.from(rowsOf(values, units, rows));
  for (const vector of basis) subtractAlong(left, vector, units);
  const squares = new Float64Array(model.count * units);
  for (let i = 0; i < rows.length; i++)
    for (let v = 0, at = i * units, to = model.conditionOf[i] * units; v < units; v++, at++, to++)
      squares[to] += left[at] * left[at];
  const estimate = effectCovariance(model);
  const found = {
    covariance: new Float64Array(units * k * k),
    df: new Float64Array(units),
    divisor: new Float64Array(units),
  };
  const own = new Float64Array(model.count);
  for (let v = 0; v < units; v++) {
    for (let g = 0; g < model.count; g++) own[g] = squares[g * units + v];
    const { covariance, df, divisor } = estimate(own);
    found.covariance.set(covariance, v * k * k);
    found.df[v] = df;
    found.divisor[v] = divisor;
  }
  return found;
}

function preparedSpread({ design, unscaled, runs, conditions }: SpreadObservations, weights: readonly Float64Array[]) {
  const key = weights.map((row) => row.join()).join(';');
  const known = preparedOf.get(design.X) ?? new Map<string, PreparedSpread>();
  preparedOf.set(design.X, known);
  let prepared = known.get(key);
  if (prepared === undefined) {
    const vectors = weights.map((row) => effectVector(design, unscaled, row));
    const rows = bearingRows(design.X, vectors, runs);
    const part = rowsOf(design.X, design.columns, rows);
    const basis = extendBasis([], columnsOf(part, rows.length));
    const own = vectors.map((vector) => Float64Array.from(rows, (i) => vector[i]));
    const labels = Int32Array.from(rows, (i) => conditions[i]);
    prepared = { rows, basis, model: conditionVariances({ vectors: own, basis, conditions: labels }) };
    known.set(key, prepared);
  }
  return prepared;
}
