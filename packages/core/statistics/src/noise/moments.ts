import type { DesignMatrix } from '../design-matrix.js';
import type { Segments } from '../layout.js';
import { addColumn, addNeighbours, addSquares, addSums, type Stretch } from './moment-loops.js';
import type { MomentNeeds, Moments } from './moment-sums.js';
import { momentsOfPrompts, type PromptMoments } from './prompt-moments.js';

/** Takes rows in order and keeps their moments. */
export interface MomentAccumulator {
  add(rows: Float32Array | Float64Array, firstRow: number): void;
  /** Takes what all rows come to over each prompt, in their place. */
  addPrompts(given: PromptMoments): void;
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
  let whole: Moments | undefined;

  function addPrompts(given: PromptMoments): void {
    if (next > 0) throw new RangeError('rows were given already');
    whole = momentsOfPrompts(needs, segments, units, shifted, given);
  }

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
        const stretch: Stretch = { rows, units, from: row, until, first, last, to: segment * units };
        if (withNeighbours) addWithNeighbours(stretch, segment, firstRow);
        else if (needs.squares) addSquares(stretch, shift, sums, squares);
        else addSums(stretch, shift, sums);
        if (varying.length > 0) addProducts(stretch, segment, firstRow);
      }
      row = until;
    }
    next += count;
  }

  function addWithNeighbours(stretch: Stretch, segment: number, firstRow: number): void {
    const { rows, first, last, to, until } = stretch;
    const start = segments.start[segment] - firstRow;
    const end = start + segments.length[segment] - 1;
    let from = stretch.from;
    if (from === start) {
      const counted = needs.neighbours === 'both';
      for (let v = first; v < last; v++) {
        const a = rows[from * units + v] - shift[v];
        sums[to + v] += a;
        squares[v] += a * a;
        previous[v] = a;
        if (counted) {
          edges[to + v] += a;
          edgeSquares[v] += a * a;
        }
      }
      from++;
    }
    addNeighbours({ ...stretch, from }, shift, sums, squares, neighbours, previous);
    if (end < until) {
      for (let v = first; v < last; v++) {
        const a = previous[v];
        edges[to + v] += a;
        edgeSquares[v] += a * a;
      }
    }
  }

  function addProducts(stretch: Stretch, segment: number, firstRow: number): void {
    const { from, until } = stretch;
    const start = segments.start[segment];
    const end = start + segments.length[segment] - 1;
    for (let k = 0; k < varying.length; k++) {
      const whole = { ...stretch, to: k * units };
      addColumn(whole, shift, columns[k], firstRow, products);
      if (!withNeighbours) continue;
      addColumn(whole, shift, beside[k], firstRow, neighbourProducts);
      if (needs.neighbours === 'both' && firstRow + from === start) {
        addColumn({ ...whole, until: from + 1 }, shift, columns[k], firstRow, edgeProducts);
      }
      if (firstRow + until - 1 === end) {
        addColumn({ ...whole, from: until - 1 }, shift, columns[k], firstRow, edgeProducts);
      }
    }
  }

  function finish(): Moments {
    if (whole) return whole;
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
  return { add, addPrompts, finish };
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
