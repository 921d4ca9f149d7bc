/** Patterns of activity, [rows x units], row-major. */
export type Patterns = Float64Array | Float32Array;

/** Columns that all rows are multiplied over before the next ones, so that they stay in the processor's cache. */
const block = 256;

/**
 * Inner products of rows of a and rows of b over their columns, [rows of a x rows of b]. Sums are of 64 bits; where b is a, the
 * result is symmetric to the last bit.
 *
 * @param first of the columns that are summed over, default 0; `end` one past the last, default the width
 */
export function innerProducts(a: Patterns, b: Patterns, width: number, first = 0, end = width): Float64Array {
  const [rows, columns] = [a.length / width, b.length / width];
  const out = new Float64Array(rows * columns);
  const size = Math.min(block, end - first);
  if (size === width && a instanceof Float64Array && b instanceof Float64Array) {
    // One block as it stands.
    addProducts(a, b, size, out, rows, columns);
  } else {
    const left = new Float64Array(rows * size);
    const right = a === b ? left : new Float64Array(columns * size);
    for (let from = first; from < end; from += size) {
      const used = Math.min(size, end - from);
      copyBlock(a, width, from, used, left);
      if (a !== b) copyBlock(b, width, from, used, right);
      addProducts(left, right, used, out, rows, columns);
    }
  }
  if (a === b) for (let i = 0; i < rows; i++) for (let j = 0; j < i; j++) out[j * rows + i] = out[i * rows + j];
  return out;
}

/** Columns `from` to `from + used` of every row, row after row. */
function copyBlock(values: Patterns, width: number, from: number, used: number, to: Float64Array): void {
  for (let i = 0; i * width < values.length; i++)
    to.set(values.subarray(i * width + from, i * width + from + used), i * used);
}

/**
 * Eight products at once, of two rows and four, whose sums the processor can add side by side; of a block with itself those on and below
 * the diagonal.
 */
function addProducts(
  a: Float64Array,
  b: Float64Array,
  used: number,
  out: Float64Array,
  rows: number,
  columns: number,
): void {
  for (let i = 0; i < rows; i += 2) {
    // The last row and column are taken again where there are no more, and counted once.
    const i1 = Math.min(i + 1, rows - 1);
    const end = a === b ? Math.min(i + 2, columns) : columns;
    for (let j = 0; j < end; j += 4) {
      const [j1, j2, j3] = [Math.min(j + 1, columns - 1), Math.min(j + 2, columns - 1), Math.min(j + 3, columns - 1)];
      const [a0, a1, b0, b1, b2, b3] = [i * used, i1 * used, j * used, j1 * used, j2 * used, j3 * used];
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      for (let u = 0; u < used; u++) {
        const x0 = a[a0 + u];
        const x1 = a[a1 + u];
        const y0 = b[b0 + u];
        const y1 = b[b1 + u];
        const y2 = b[b2 + u];
        const y3 = b[b3 + u];
        s00 += x0 * y0;
        s01 += x0 * y1;
        s02 += x0 * y2;
        s03 += x0 * y3;
        s10 += x1 * y0;
        s11 += x1 * y1;
        s12 += x1 * y2;
        s13 += x1 * y3;
      }
      const [to, to1] = [i * columns, i1 * columns];
      out[to + j] += s00;
      if (j1 > j) out[to + j1] += s01;
      if (j2 > j1) out[to + j2] += s02;
      if (j3 > j2) out[to + j3] += s03;
      if (i1 === i) continue;
      out[to1 + j] += s10;
      if (j1 > j) out[to1 + j1] += s11;
      if (j2 > j1) out[to1 + j2] += s12;
      if (j3 > j2) out[to1 + j3] += s13;
    }
  }
}

/** Inner products about the rows' mean, from those about the origin, [rows x rows]. */
export function centredProducts(products: Float64Array, rows: number): Float64Array {
  const means = new Float64Array(rows);
  for (let i = 0; i < rows; i++) for (let j = 0; j < rows; j++) means[i] += products[i * rows + j] / rows;
  const mean = means.reduce((sum, own) => sum + own, 0) / rows;
  const out = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < rows; j++) out[i * rows + j] = products[i * rows + j] - means[i] - means[j] + mean;
  return out;
}
