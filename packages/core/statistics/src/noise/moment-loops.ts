type Rows = Float32Array | Float64Array;

/** A stretch of rows of one segment, and the units to work on. */
export interface Stretch {
  rows: Rows;
  units: number;
  /** First row, and the row after the last, in `rows`. */
  from: number;
  until: number;
  /** First unit, and the unit after the last. */
  first: number;
  last: number;
  /** Where the segment's row starts in [segments x units]. */
  to: number;
}

// The loops below take eight, then four, then single rows at a time, adding in the order of rows, so that sums do not
// depend on where chunks are cut. Values and sums stay in the first cache, and each sum is loaded once in eight rows.

/** sums[to + v] += y - shift. */
export function addSums(
  { rows, units, from, until, first, last, to }: Stretch,
  shift: Float64Array,
  sums: Float64Array,
): void {
  let row = from;
  for (; row + 7 < until; row += 8) {
    const r0 = row * units;
    const r1 = r0 + units;
    const r2 = r1 + units;
    const r3 = r2 + units;
    const r4 = r3 + units;
    const r5 = r4 + units;
    const r6 = r5 + units;
    const r7 = r6 + units;
    for (let v = first; v < last; v++) {
      const s = shift[v];
      const a = rows[r0 + v] - s;
      const b = rows[r1 + v] - s;
      const c = rows[r2 + v] - s;
      const d = rows[r3 + v] - s;
      const e = rows[r4 + v] - s;
      const f = rows[r5 + v] - s;
      const g = rows[r6 + v] - s;
      const h = rows[r7 + v] - s;
      sums[to + v] = sums[to + v] + a + b + c + d + e + f + g + h;
    }
  }
  for (; row + 3 < until; row += 4) {
    const r0 = row * units;
    const r1 = r0 + units;
    const r2 = r1 + units;
    const r3 = r2 + units;
    for (let v = first; v < last; v++) {
      const s = shift[v];
      const a = rows[r0 + v] - s;
      const b = rows[r1 + v] - s;
      const c = rows[r2 + v] - s;
      const d = rows[r3 + v] - s;
      sums[to + v] = sums[to + v] + a + b + c + d;
    }
  }
  for (; row < until; row += 1) {
    const r0 = row * units;
    for (let v = first; v < last; v++) {
      const s = shift[v];
      const a = rows[r0 + v] - s;
      sums[to + v] = sums[to + v] + a;
    }
  }
}

/** Sums and sums of squares. */
export function addSquares(
  { rows, units, from, until, first, last, to }: Stretch,
  shift: Float64Array,
  sums: Float64Array,
  squares: Float64Array,
): void {
  let row = from;
  for (; row + 7 < until; row += 8) {
    const r0 = row * units;
    const r1 = r0 + units;
    const r2 = r1 + units;
    const r3 = r2 + units;
    const r4 = r3 + units;
    const r5 = r4 + units;
    const r6 = r5 + units;
    const r7 = r6 + units;
    for (let v = first; v < last; v++) {
      const s = shift[v];
      const a = rows[r0 + v] - s;
      const b = rows[r1 + v] - s;
      const c = rows[r2 + v] - s;
      const d = rows[r3 + v] - s;
      const e = rows[r4 + v] - s;
      const f = rows[r5 + v] - s;
      const g = rows[r6 + v] - s;
      const h = rows[r7 + v] - s;
      sums[to + v] = sums[to + v] + a + b + c + d + e + f + g + h;
      squares[v] = squares[v] + a * a + b * b + c * c + d * d + e * e + f * f + g * g + h * h;
    }
  }
  for (; row + 3 < until; row += 4) {
    const r0 = row * units;
    const r1 = r0 + units;
    const r2 = r1 + units;
    const r3 = r2 + units;
    for (let v = first; v < last; v++) {
      const s = shift[v];
      const a = rows[r0 + v] - s;
      const b = rows[r1 + v] - s;
      const c = rows[r2 + v] - s;
      const d = rows[r3 + v] - s;
      sums[to + v] = sums[to + v] + a + b + c + d;
      squares[v] = squares[v] + a * a + b * b + c * c + d * d;
    }
  }
  for (; row < until; row += 1) {
    const r0 = row * units;
    for (let v = first; v < last; v++) {
      const s = shift[v];
      const a = rows[r0 + v] - s;
      sums[to + v] = sums[to + v] + a;
      squares[v] = squares[v] + a * a;
    }
  }
}

/** Sums, sums of squares and products with the row before, which `previous` holds. */
export function addNeighbours(
  { rows, units, from, until, first, last, to }: Stretch,
  shift: Float64Array,
  sums: Float64Array,
  squares: Float64Array,
  neighbours: Float64Array,
  previous: Float64Array,
): void {
  let row = from;
  for (; row + 7 < until; row += 8) {
    const r0 = row * units;
    const r1 = r0 + units;
    const r2 = r1 + units;
    const r3 = r2 + units;
    const r4 = r3 + units;
    const r5 = r4 + units;
    const r6 = r5 + units;
    const r7 = r6 + units;
    for (let v = first; v < last; v++) {
      const s = shift[v];
      const a = rows[r0 + v] - s;
      const b = rows[r1 + v] - s;
      const c = rows[r2 + v] - s;
      const d = rows[r3 + v] - s;
      const e = rows[r4 + v] - s;
      const f = rows[r5 + v] - s;
      const g = rows[r6 + v] - s;
      const h = rows[r7 + v] - s;
      sums[to + v] = sums[to + v] + a + b + c + d + e + f + g + h;
      squares[v] = squares[v] + a * a + b * b + c * c + d * d + e * e + f * f + g * g + h * h;
      neighbours[v] = neighbours[v] + a * previous[v] + b * a + c * b + d * c + e * d + f * e + g * f + h * g;
      previous[v] = h;
    }
  }
  for (; row + 3 < until; row += 4) {
    const r0 = row * units;
    const r1 = r0 + units;
    const r2 = r1 + units;
    const r3 = r2 + units;
    for (let v = first; v < last; v++) {
      const s = shift[v];
      const a = rows[r0 + v] - s;
      const b = rows[r1 + v] - s;
      const c = rows[r2 + v] - s;
      const d = rows[r3 + v] - s;
      sums[to + v] = sums[to + v] + a + b + c + d;
      squares[v] = squares[v] + a * a + b * b + c * c + d * d;
      neighbours[v] = neighbours[v] + a * previous[v] + b * a + c * b + d * c;
      previous[v] = d;
    }
  }
  for (; row < until; row += 1) {
    const r0 = row * units;
    for (let v = first; v < last; v++) {
      const s = shift[v];
      const a = rows[r0 + v] - s;
      sums[to + v] = sums[to + v] + a;
      squares[v] = squares[v] + a * a;
      neighbours[v] = neighbours[v] + a * previous[v];
      previous[v] = a;
    }
  }
}

/** into[to + v] += column[row] (y - shift), skipping rows where the column is zero. `offset` is the column's row of row 0. */
export function addColumn(
  { rows, units, from, until, first, last, to }: Stretch,
  shift: Float64Array,
  column: Float64Array,
  offset: number,
  into: Float64Array,
): void {
  for (let row = from; row < until; row++) {
    const x = column[offset + row];
    if (x === 0) continue;
    const at = row * units;
    for (let v = first; v < last; v++) into[to + v] += x * (rows[at + v] - shift[v]);
  }
}
