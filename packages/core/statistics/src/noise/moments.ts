import type { DesignMatrix } from '../design-matrix.js';
import type { Segments } from '../layout.js';

/** Which sums a noise model needs besides the sums of each segment. */
export interface MomentNeeds {
  /** Sum of squares of each unit. */
  squares: boolean;
  /** Products of neighbours, and the rows at the edges of segments: `both` first and last, or `last` alone. */
  neighbours?: 'both' | 'last';
  /** Columns of the design that vary within segments, whose products with the series are kept. */
  varying?: readonly number[];
}

/**
 * Sums from which every one-pass noise model is fitted. They add over rows; units are independent of each other, bit for
 * bit. Values are taken about each unit's shift, so that a level hundreds of times the spread cancels nothing.
 */
export interface Moments {
  units: number;
  segments: Segments;
  /** What was subtracted from every value of a unit: its first value, or 0. */
  shift: Float64Array;
  /** Sum over the rows of each segment, [segments x units]. */
  sums: Float64Array;
  /** Sum over the edge rows of each segment, [segments x units]. */
  edges?: Float64Array;
  /** [units] */
  squares?: Float64Array;
  /** Squares of the edge rows, [units]. */
  edgeSquares?: Float64Array;
  /** Products of rows and their predecessors in the segment, [units]. */
  neighbours?: Float64Array;
  /** sum x_t y_t for each varying column, [varying x units]. */
  products?: Float64Array;
  /** sum (x_(t-1) + x_(t+1)) y_t within segments, [varying x units]. */
  neighbourProducts?: Float64Array;
  /** sum x_t y_t over the edge rows, [varying x units]. */
  edgeProducts?: Float64Array;
}

/** Takes rows in order and keeps their moments. */
export interface MomentAccumulator {
  add(rows: Float32Array | Float64Array, firstRow: number): void;
  finish(): Moments;
}

/** Units handled at a time, so that what the inner loops touch stays in the first cache. */
const strip = 512;

/**
 * Accumulates moments of a series that arrives in chunks of rows, in order.
 *
 * @param shifted subtract each unit's first value (only where the design can make a constant)
 */
export function accumulateMoments(
  needs: MomentNeeds,
  design: DesignMatrix,
  segments: Segments,
  units: number,
  shifted: boolean,
): MomentAccumulator {
  const total = design.rows;
  const varying = needs.varying ?? [];
  const shift = new Float64Array(units);
  const sums = new Float64Array(segments.count * units);
  const squares = new Float64Array(needs.squares || needs.neighbours ? units : 0);
  const withNeighbours = needs.neighbours !== undefined;
  const edges = new Float64Array(withNeighbours ? segments.count * units : 0);
  const edgeSquares = new Float64Array(withNeighbours ? units : 0);
  const neighbours = new Float64Array(withNeighbours ? units : 0);
  const previous = new Float64Array(withNeighbours ? units : 0);
  const products = new Float64Array(varying.length * units);
  const neighbourProducts = new Float64Array(withNeighbours ? varying.length * units : 0);
  const edgeProducts = new Float64Array(withNeighbours ? varying.length * units : 0);
  const columns = varying.map((j) => Float64Array.from({ length: total }, (_, i) => design.X[i * design.columns + j]));
  const beside = withNeighbours ? columns.map((column) => besideWithin(column, segments)) : [];
  let next = 0;

  function add(rows: Float32Array | Float64Array, firstRow: number): void {
    const count = rows.length / units;
    if (!Number.isInteger(count))
      throw new RangeError(`${rows.length} values are no whole number of ${units}-unit rows`);
    if (firstRow !== next || next + count > total) {
      throw new RangeError(`rows ${firstRow} to ${firstRow + count} given where row ${next} of ${total} is due`);
    }
    if (next === 0 && shifted && count > 0) for (let v = 0; v < units; v++) shift[v] = rows[v];
    for (let row = 0; row < count; ) {
      const segment = segments.ofRow[firstRow + row];
      const from = segments.start[segment];
      const until = Math.min(count, from + segments.length[segment] - firstRow);
      for (let first = 0; first < units; first += strip) {
        const last = Math.min(units, first + strip);
        if (withNeighbours) addWithNeighbours(rows, row, until, segment, first, last, firstRow);
        else if (needs.squares) addSquares(rows, row, until, segment, first, last);
        else addSums(rows, row, until, segment, first, last);
        if (varying.length > 0) addProducts(rows, row, until, segment, first, last, firstRow);
      }
      row = until;
    }
    next += count;
  }

  function addSums(
    rows: Float32Array | Float64Array,
    from: number,
    until: number,
    segment: number,
    first: number,
    last: number,
  ): void {
    let row = from;
    for (; row + 3 < until; row += 4) {
      for (let v = first, at = row * units + first, to = segment * units + first; v < last; v++, at++, to++) {
        const s = shift[v];
        sums[to] =
          sums[to] + (rows[at] - s) + (rows[at + units] - s) + (rows[at + 2 * units] - s) + (rows[at + 3 * units] - s);
      }
    }
    for (; row < until; row++) {
      for (let v = first, at = row * units + first, to = segment * units + first; v < last; v++, at++, to++) {
        sums[to] += rows[at] - shift[v];
      }
    }
  }

  function addSquares(
    rows: Float32Array | Float64Array,
    from: number,
    until: number,
    segment: number,
    first: number,
    last: number,
  ): void {
    let row = from;
    for (; row + 3 < until; row += 4) {
      for (let v = first, at = row * units + first, to = segment * units + first; v < last; v++, at++, to++) {
        const s = shift[v];
        const a = rows[at] - s;
        const b = rows[at + units] - s;
        const c = rows[at + 2 * units] - s;
        const d = rows[at + 3 * units] - s;
        sums[to] = sums[to] + a + b + c + d;
        squares[v] = squares[v] + a * a + b * b + c * c + d * d;
      }
    }
    for (; row < until; row++) {
      for (let v = first, at = row * units + first, to = segment * units + first; v < last; v++, at++, to++) {
        const a = rows[at] - shift[v];
        sums[to] += a;
        squares[v] += a * a;
      }
    }
  }

  function addWithNeighbours(
    rows: Float32Array | Float64Array,
    from: number,
    until: number,
    segment: number,
    first: number,
    last: number,
    firstRow: number,
  ): void {
    const start = segments.start[segment] - firstRow;
    const end = start + segments.length[segment] - 1;
    let row = from;
    if (row === start) {
      const counted = needs.neighbours === 'both';
      for (let v = first, at = row * units + first, to = segment * units + first; v < last; v++, at++, to++) {
        const a = rows[at] - shift[v];
        sums[to] += a;
        squares[v] += a * a;
        previous[v] = a;
        if (counted) {
          edges[to] += a;
          edgeSquares[v] += a * a;
        }
      }
      row++;
    }
    for (; row + 3 < until; row += 4) {
      for (let v = first, at = row * units + first, to = segment * units + first; v < last; v++, at++, to++) {
        const s = shift[v];
        const a = rows[at] - s;
        const b = rows[at + units] - s;
        const c = rows[at + 2 * units] - s;
        const d = rows[at + 3 * units] - s;
        sums[to] = sums[to] + a + b + c + d;
        squares[v] = squares[v] + a * a + b * b + c * c + d * d;
        neighbours[v] = neighbours[v] + a * previous[v] + b * a + c * b + d * c;
        previous[v] = d;
      }
    }
    for (; row < until; row++) {
      for (let v = first, at = row * units + first, to = segment * units + first; v < last; v++, at++, to++) {
        const a = rows[at] - shift[v];
        sums[to] += a;
        squares[v] += a * a;
        neighbours[v] += a * previous[v];
        previous[v] = a;
      }
    }
    if (end < until) {
      for (let v = first, to = segment * units + first; v < last; v++, to++) {
        const a = previous[v];
        edges[to] += a;
        edgeSquares[v] += a * a;
      }
    }
  }

  function addProducts(
    rows: Float32Array | Float64Array,
    from: number,
    until: number,
    segment: number,
    first: number,
    last: number,
    firstRow: number,
  ): void {
    const start = segments.start[segment];
    const end = start + segments.length[segment] - 1;
    for (let k = 0; k < varying.length; k++) {
      addColumn(products, k, columns[k], rows, from, until, first, last, firstRow);
      if (!withNeighbours) continue;
      addColumn(neighbourProducts, k, beside[k], rows, from, until, first, last, firstRow);
      if (needs.neighbours === 'both' && firstRow + from === start) {
        addColumn(edgeProducts, k, columns[k], rows, from, from + 1, first, last, firstRow);
      }
      if (firstRow + until - 1 === end) {
        addColumn(edgeProducts, k, columns[k], rows, until - 1, until, first, last, firstRow);
      }
    }
  }

  function addColumn(
    into: Float64Array,
    k: number,
    column: Float64Array,
    rows: Float32Array | Float64Array,
    from: number,
    until: number,
    first: number,
    last: number,
    firstRow: number,
  ): void {
    for (let row = from; row < until; row++) {
      const x = column[firstRow + row];
      if (x === 0) continue;
      for (let v = first, at = row * units + first, to = k * units + first; v < last; v++, at++, to++) {
        into[to] += x * (rows[at] - shift[v]);
      }
    }
  }

  function finish(): Moments {
    if (next !== total) throw new RangeError(`${next} of ${total} rows were given`);
    return {
      units,
      segments,
      shift,
      sums,
      ...(needs.squares || withNeighbours ? { squares } : {}),
      ...(withNeighbours ? { edges, edgeSquares, neighbours } : {}),
      ...(varying.length > 0 ? { products } : {}),
      ...(varying.length > 0 && withNeighbours ? { neighbourProducts, edgeProducts } : {}),
    };
  }
  return { add, finish };
}

/** x_(t-1) + x_(t+1), within the segment of t. */
function besideWithin(column: Float64Array, segments: Segments): Float64Array {
  const { ofRow } = segments;
  return column.map((_, i) => {
    let sum = 0;
    if (i > 0 && ofRow[i - 1] === ofRow[i]) sum += column[i - 1];
    if (i + 1 < column.length && ofRow[i + 1] === ofRow[i]) sum += column[i + 1];
    return sum;
  });
}
