import { Matrix, SingularValueDecomposition } from 'ml-matrix';

/** The space that the columns of a matrix span, by one rank that every later step uses. */
export interface ColumnSpace {
  /** Number of independent columns. */
  rank: number;
  /** The independent columns first (in the order chosen), then the ones that depend on them. */
  pivots: Int32Array;
  /** Upper triangle of the QR decomposition of the unit-length columns in pivot order, [columns x columns], row-major. */
  r: Float64Array;
  /** Length of every column, in the original order. */
  lengths: Float64Array;
  /** The relative tolerance of the rank. */
  tolerance: number;
}

/**
 * Householder QR with column pivoting of columns scaled to length one, and the rank that it reveals: the number of
 * diagonal elements above `tolerance` times the largest.
 *
 * Because columns are scaled first, neither units of measurement nor outlying columns change the rank.
 *
 * @param x [allRows x columns], row-major; left as it is
 * @param tolerance relative; default 1e-9, since the normal equations that follow square the condition number
 *
 * Source: Golub and Van Loan, Matrix Computations, algorithm 5.4.1.
 */
export function columnSpace(x: Float64Array, allRows: number, columns: number, tolerance = 1e-9): ColumnSpace {
  const lengths = new Float64Array(columns);
  const { first, weight } = distinctNeighbours(x, allRows, columns);
  const rows = Math.max(first.length, Math.min(allRows, columns));
  const q = Array.from({ length: columns }, (_, j) => {
    const column = new Float64Array(rows);
    let square = 0;
    for (let i = 0; i < first.length; i++) {
      column[i] = weight[i] * x[first[i] * columns + j];
      square += column[i] * column[i];
    }
    lengths[j] = Math.sqrt(square);
    if (lengths[j] > 0) for (let i = 0; i < rows; i++) column[i] /= lengths[j];
    return column;
  });
  const pivots = Int32Array.from({ length: columns }, (_, j) => j);
  const r = new Float64Array(columns * columns);
  const steps = Math.min(rows, columns);
  for (let k = 0; k < steps; k++) {
    // The remaining column with the most left below row k; ties keep the first, so that the order is stable.
    let best = k;
    let most = -1;
    for (let j = k; j < columns; j++) {
      let square = 0;
      for (let i = k; i < rows; i++) square += q[j][i] * q[j][i];
      if (square > most * (1 + 1e-9)) {
        most = square;
        best = j;
      }
    }
    // Keep the design's own order among equally good columns: rotate instead of swapping.
    const chosen = q.splice(best, 1)[0];
    q.splice(k, 0, chosen);
    const order = Array.from(pivots);
    order.splice(k, 0, order.splice(best, 1)[0]);
    pivots.set(order);
    const norm = Math.sqrt(Math.max(0, most));
    if (norm === 0) continue;
    const alpha = chosen[k] > 0 ? -norm : norm;
    const v = chosen.slice(k);
    v[0] -= alpha;
    let vv = 0;
    for (const value of v) vv += value * value;
    for (let j = k; j < columns; j++) {
      let dot = 0;
      for (let i = k; i < rows; i++) dot += v[i - k] * q[j][i];
      const factor = vv > 0 ? (2 * dot) / vv : 0;
      for (let i = k; i < rows; i++) q[j][i] -= factor * v[i - k];
    }
  }
  for (let j = 0; j < columns; j++) for (let i = 0; i <= Math.min(j, rows - 1); i++) r[i * columns + j] = q[j][i];
  let rank = 0;
  const largest = columns > 0 ? Math.abs(r[0]) : 0;
  while (rank < steps && Math.abs(r[rank * columns + rank]) > tolerance * largest && largest > 0) rank++;
  return { rank, pivots, r, lengths, tolerance };
}

/** Equal neighbouring rows count as one row times the root of their number: R stays the same, in much less time. */
function distinctNeighbours(x: Float64Array, rows: number, columns: number) {
  const first: number[] = [];
  const weight: number[] = [];
  for (let i = 0; i < rows; ) {
    let end = i + 1;
    while (end < rows && sameRow(x, i, end, columns)) end++;
    first.push(i);
    weight.push(Math.sqrt(end - i));
    i = end;
  }
  return { first, weight };
}

function sameRow(x: Float64Array, a: number, b: number, columns: number): boolean {
  for (let j = 0; j < columns; j++) if (x[a * columns + j] !== x[b * columns + j]) return false;
  return true;
}

/**
 * How the dependent columns follow from the independent ones: row d gives the coefficients of dependent column
 * pivots[rank + d] on pivots[0..rank), [(columns - rank) x rank], in the columns' own units.
 */
export function dependencies(space: ColumnSpace): Float64Array {
  const { rank, pivots, r, lengths } = space;
  const columns = pivots.length;
  const out = new Float64Array((columns - rank) * rank);
  for (let d = 0; d < columns - rank; d++) {
    const own = lengths[pivots[rank + d]];
    for (let i = rank - 1; i >= 0; i--) {
      let value = r[i * columns + rank + d];
      for (let k = i + 1; k < rank; k++) value -= r[i * columns + k] * out[d * rank + k];
      out[d * rank + i] = value / r[i * columns + i];
    }
    for (let i = 0; i < rank; i++) {
      const scaled = out[d * rank + i];
      out[d * rank + i] = Math.abs(scaled) < 1e-7 ? 0 : (scaled * own) / lengths[pivots[i]];
    }
  }
  return out;
}

/** Singular values of the matrix with columns scaled to length one, largest first. */
export function singularValues({ r, pivots }: ColumnSpace): Float64Array {
  const columns = pivots.length;
  if (columns === 0) return new Float64Array(0);
  const svd = new SingularValueDecomposition(Matrix.from1DArray(columns, columns, r), {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
  });
  return Float64Array.from(svd.diagonal).sort((a, b) => b - a);
}
