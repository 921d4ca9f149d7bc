import type { DesignMatrix } from '../design-matrix.js';
import type { ContrastCovariance } from '../fit.js';
import { bearingRows, effectVector, rowsOf } from './bearing-rows.js';
import { type ConditionVariances, conditionVariances, effectCovariance } from './condition-variances.js';
import { columnsOf, extendBasis } from './orthonormal-basis.js';

/** Observations whose variance is their condition's. */
export interface SpreadObservations {
  /** What units that come in several chunks share: what their contrasts are made of is prepared once for it. */
  shared: object;
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

/** Rows of a condition of which the design says the same. */
interface Cell {
  rows: number[];
  condition: number;
  /** Entries of each of them in an orthonormal basis of the design that are not 0. */
  entries: { vector: number; value: number }[];
}

/** What a contrast's covariance is made of, whatever the values: units come in chunks. */
interface PreparedSpread {
  cells: Cell[];
  rank: number;
  model: ConditionVariances;
}

const preparedOf = new WeakMap<object, Map<string, PreparedSpread>>();

/**
 * The covariance of least-squares effects by the variances of conditions, from residuals of the rows that bear on them.
 *
 * @param weights of the design's columns, [k] of [p], independent
 */
export function contrastCovariance(
  observations: SpreadObservations,
  weights: readonly Float64Array[],
): ContrastCovariance {
  const { units } = observations;
  const prepared = preparedSpread(observations, weights);
  const { model } = prepared;
  const k = model.effects;
  const { squares, total } = residualSquares(observations, prepared);
  const estimate = effectCovariance(model);
  const found = {
    covariance: new Float64Array(units * k * k),
    df: new Float64Array(units),
    divisor: new Float64Array(units),
    dispersion: new Float64Array(units),
  };
  const freedom = model.freedom.reduce((sum, nu) => sum + nu, 0);
  const own = new Float64Array(model.count);
  for (let v = 0; v < units; v++) {
    let sum = 0;
    for (let g = 0; g < model.count; g++) {
      own[g] = squares[g * units + v];
      sum += own[g];
    }
    // A unit that does not vary in these rows has residuals of rounding, from which there is nothing to infer.
    if (!(sum > roundingSquare * total[v])) own.fill(Number.NaN);
    const { covariance, df, divisor } = estimate(own);
    for (let at = 0; at < k * k; at++) found.covariance[v * k * k + at] = covariance[at];
    found.df[v] = df;
    found.divisor[v] = divisor;
    found.dispersion[v] = sum / freedom;
  }
  return found;
}

/** Share of a sum of squares that is rounding. */
const roundingSquare = 1e-24;

/** Units that are gone through together, so that their values stay in the cache. */
const tile = 256;

/** Sums of squares of residuals by condition, [conditions x units], and of the rows themselves, [units]. */
function residualSquares(
  { values, units }: SpreadObservations,
  { cells, rank, model }: PreparedSpread,
): { squares: Float64Array; total: Float64Array } {
  const squares = new Float64Array(model.count * units);
  const total = new Float64Array(units);
  const along = new Float64Array(rank * tile);
  const ofCell = new Float64Array(tile);
  for (let first = 0; first < units; first += tile) {
    const width = Math.min(tile, units - first);
    along.fill(0);
    for (const { rows, entries } of cells) {
      ofCell.fill(0);
      for (const row of rows)
        for (let v = 0, from = row * units + first; v < width; v++, from++) ofCell[v] += values[from];
      for (const { vector, value } of entries)
        for (let v = 0, to = vector * tile; v < width; v++, to++) along[to] += value * ofCell[v];
    }
    for (const { rows, condition, entries } of cells) {
      ofCell.fill(0);
      for (const { vector, value } of entries)
        for (let v = 0, from = vector * tile; v < width; v++, from++) ofCell[v] += value * along[from];
      for (const row of rows)
        for (let v = 0, from = row * units + first, to = condition * units + first; v < width; v++, from++, to++) {
          const left = values[from] - ofCell[v];
          squares[to] += left * left;
        }
    }
    // What is along the basis and what is left of it are at right angles.
    for (let g = 0; g < model.count; g++)
      for (let v = 0, from = g * units + first; v < width; v++, from++) total[first + v] += squares[from];
    for (let k = 0; k < rank; k++)
      for (let v = 0, from = k * tile; v < width; v++, from++) total[first + v] += along[from] * along[from];
  }
  return { squares, total };
}

/** Rows by condition and by what the basis says of them, in the order of their first rows. */
function cellsOf(rows: Int32Array, basis: readonly Float64Array[], conditionOf: Int32Array): Cell[] {
  const cells = new Map<string, Cell>();
  for (const [i, row] of rows.entries()) {
    const key = `${conditionOf[i]} ${basis.map((vector) => vector[i]).join()}`;
    const cell = cells.get(key);
    if (cell) cell.rows.push(row);
    else {
      const entries = basis.flatMap((vector, j) => (vector[i] === 0 ? [] : [{ vector: j, value: vector[i] }]));
      cells.set(key, { rows: [row], condition: conditionOf[i], entries });
    }
  }
  return [...cells.values()];
}

function preparedSpread(
  { shared, design, unscaled, runs, conditions }: SpreadObservations,
  weights: readonly Float64Array[],
): PreparedSpread {
  const key = weights.map((row) => row.join()).join(';');
  const known = preparedOf.get(shared) ?? new Map<string, PreparedSpread>();
  preparedOf.set(shared, known);
  let prepared = known.get(key);
  if (prepared === undefined) {
    const vectors = weights.map((row) => effectVector(design, unscaled, row));
    const rows = bearingRows(design.X, vectors, runs);
    const part = rowsOf(design.X, design.columns, rows);
    // Columns with few entries first, so that most of the basis has few.
    const filled = (column: Float64Array) => column.reduce((count, value) => count + (value === 0 ? 0 : 1), 0);
    const basis = extendBasis(
      [],
      columnsOf(part, rows.length).sort((a, b) => filled(a) - filled(b)),
    );
    const own = vectors.map((vector) => Float64Array.from(rows, (i) => vector[i]));
    const labels = Int32Array.from(rows, (i) => conditions[i]);
    const model = conditionVariances({ vectors: own, basis, conditions: labels });
    prepared = { cells: cellsOf(rows, basis, model.conditionOf), rank: basis.length, model };
    known.set(key, prepared);
  }
  return prepared;
}
