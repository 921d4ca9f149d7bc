import { batchesOf } from './arranged-rows.js';
import { signedSums } from './exact-sums.js';
import { memoryOf } from './form-products.js';
import { multiplyRows, tensorOf } from './row-products.js';
import type { StudentizedStatistic } from './studentized-form.js';
import { formsOf, mayExceed, type TwoSums } from './two-sums.js';

/** Rows whose signs are drawn, and which labels they wear. */
export interface SignedRows {
  /** Number of draws w. */
  count: number;
  /** [w x B] of 1 and -1, the same for all labels. */
  signs: Int8Array;
  /** One for each set of maxima: [w x B] of 1 (the first condition's label) and 0; or [B], the same in all draws. */
  labels: readonly Uint8Array[];
}

/** Raises `maxima`, an array for each labels, to the largest extremeness of units under each draw; residuals are [B x width]. */
export type SignedFold = (residuals: Float64Array, width: number, maxima: readonly Float64Array[]) => Promise<void>;

/**
 * Looks for maxima over rows whose signs are drawn, with products in float32: they tell, with the bound of what rounding may have changed,
 * which few units can reach a maximum, and these are computed exactly, in float64. So rounding changes no result.
 *
 * Unlike `roundedFold` it knows each unit's squares under each draw: without them units whose few rows happen to vary little would all
 * have to be computed.
 */
export function signedFold(
  statistic: StudentizedStatistic,
  sums: TwoSums,
  { count, labels, signs }: SignedRows,
  rows: number,
): SignedFold {
  const labelAt = (own: Uint8Array, i: number) => own[own.length === rows ? i % rows : i];
  // Rows of either label that are the same in all draws: their sums take half of the products that sums of all rows and of one label take.
  const fixed = labels.find((own) => own.length === rows) ?? new Uint8Array(rows);
  const parts = [1, 0].map((label) => Uint32Array.from([...fixed.keys()].filter((b) => fixed[b] === label)));
  const order = Uint32Array.from(parts.flatMap((own) => [...own]));
  const batches = batchesOf(count).map(([from, size]) => {
    const left = (own: Uint32Array, entry: (place: number) => number) =>
      tensorOf(
        Float32Array.from({ length: size * own.length }, (_, i) =>
          entry((from + Math.floor(i / own.length)) * rows + own[i % own.length]),
        ),
        [size, own.length],
      );
    return {
      ...{ from, size, parts: parts.map((own) => left(own, (i) => signs[i])) },
      worlds: labels.map((own) =>
        own === fixed
          ? undefined
          : { first: left(order, (i) => signs[i] * labelAt(own, i)), mask: left(order, (i) => labelAt(own, i)) },
      ),
    };
  });
  const sumExactly = labels.map((own) => signedSums(own, signs, rows));
  const [oneMemory, otherMemory, firstMemory, squaresMemory] = Array.from({ length: 4 }, () => memoryOf('float32'));
  const found = { first: 0, other: 0, squares: 0 };
  const fill = (_: number, values: { forms: Float64Array; squares: Float64Array }) => formsOf(found, sums, values);
  const error = sumError(rows);
  let exact = new Float64Array(0);

  return async (residuals, width, maxima) => {
    if (exact.length < residuals.length) exact = new Float64Array(residuals.length);
    turn(residuals, rows, width, exact);
    const tile = { exact };
    const plain = new Float32Array(rows * width);
    for (const [to, b] of order.entries()) plain.set(residuals.subarray(b * width, (b + 1) * width), to * width);
    const values = tensorOf(plain, [rows, width]);
    const cut = parts[0].length * width;
    const valuesOf = [plain.subarray(0, cut), plain.subarray(cut)].map((own, k) =>
      tensorOf(own, [parts[k].length, width]),
    );
    const squared = tensorOf(
      plain.map((value) => value * value),
      [rows, width],
    );
    for (const { from, size, parts: partsLeft, worlds } of batches) {
      const [one, other] = [oneMemory(size * width), otherMemory(size * width)];
      for (const [k, out] of [one, other].entries())
        if (parts[k].length > 0) await multiplyRows(partsLeft[k], valuesOf[k], out);
        else out.fill(0);
      for (const [w, world] of worlds.entries()) {
        const first = world ? firstMemory(size * width) : one;
        const squares = squaresMemory(world ? size * width : width);
        if (world) {
          await multiplyRows(world.first, values, first);
          await multiplyRows(world.mask, squared, squares);
        } else squaresOf(residuals, labels[w], width, squares);
        for (let row = 0; row < size; row++) {
          const start = row * width;
          const products = { first, one, other, squares, start, squaresStart: world ? start : 0 };
          const next = (unit: number, cut: number): number => {
            for (let at = unit; at < width; at++) {
              if (cut > 0) at = nextPossible(products, at, width, sums, cut, error);
              if (at >= width) break;
              sumExactly[w](tile, from + row, at, found);
              if (mayExceed(sums, found, cut)) return at;
            }
            return width;
          };
          maxima[w][from + row] = statistic.raiseMaximum(maxima[w][from + row], next, fill, width);
        }
      }
    }
  };
}

/** Products of a batch, [draws x width]: sums of the first condition's rows, of two parts of all rows, and the first's squares. */
interface Products {
  first: Float32Array | Float64Array;
  one: Float32Array | Float64Array;
  other: Float32Array | Float64Array;
  squares: Float32Array | Float64Array;
  /** Where the draw's begin. */
  start: number;
  squaresStart: number;
}

/**
 * The first unit from one on whose squared statistic may exceed the cut, `width` where there is none.
 *
 * effect^2 >= cut variance, with all that is quadratic in the sums on the left. That is own m^2 + both m n + rest n^2 of the sums m and n over
 * the rows of either label, or, s being that of all rows, a multiple of (m + turn s)^2 + more s^2.
 */
function nextPossible(
  { first, one, other, squares, start, squaresStart }: Products,
  from: number,
  width: number,
  { along, weight, lost }: TwoSums,
  cut: number,
  error: { quadratic: number; squares: number },
): number {
  const own = along[0] * along[0] + cut * lost[0];
  const both = 2 * along[0] * along[1];
  const rest = along[1] * along[1] + cut * lost[1];
  // Above 0, as the form is.
  const scale = own - both + rest;
  const turn = (both - 2 * rest) / (2 * scale);
  const more = rest / scale - turn * turn;
  const slope = (cut * (weight[0] - weight[1])) / scale;
  const allowed = error.quadratic * (own + Math.abs(both) + rest) + cut * error.squares * (weight[0] + weight[1]);
  const least = (cut * weight[1] - allowed) / scale;
  let u = from;
  // Four at a time, of which the processor works on one while it waits for another.
  for (; u < width - 3; u += 4) {
    const i = start + u;
    const j = squaresStart + u;
    const s0 = one[i] + other[i];
    const s1 = one[i + 1] + other[i + 1];
    const s2 = one[i + 2] + other[i + 2];
    const s3 = one[i + 3] + other[i + 3];
    const m0 = first[i] + turn * s0;
    const m1 = first[i + 1] + turn * s1;
    const m2 = first[i + 2] + turn * s2;
    const m3 = first[i + 3] + turn * s3;
    if (
      m0 * m0 + more * s0 * s0 - slope * squares[j] >= least ||
      m1 * m1 + more * s1 * s1 - slope * squares[j + 1] >= least ||
      m2 * m2 + more * s2 * s2 - slope * squares[j + 2] >= least ||
      m3 * m3 + more * s3 * s3 - slope * squares[j + 3] >= least
    )
      break;
  }
  for (; u < width; u++) {
    const s = one[start + u] + other[start + u];
    const m = first[start + u] + turn * s;
    if (m * m + more * s * s - slope * squares[squaresStart + u] >= least) return u;
  }
  return width;
}

/**
 * What rounding to float32 may change in a product of two sums of the rows of a unit of length 1, and in its squares: each of B additions
 * and values is off by 2^-24 of what has been added up, which is at most the root of B.
 */
function sumError(B: number): { quadratic: number; squares: number } {
  const unit = 2 ** -24;
  const most = Math.sqrt(B);
  // The second sum is one of all rows, in two parts, less the first.
  const sum = 3 * (B + 2) * unit * most;
  return { quadratic: 2 * most * sum + sum * sum, squares: (B + 4) * unit };
}

/** [B x width] -> [width x B] */
function turn(values: Float64Array, rows: number, width: number, out: Float64Array): void {
  for (let from = 0; from < width; from += 16) {
    const to = Math.min(width, from + 16);
    for (let b = 0; b < rows; b++) for (let u = from; u < to; u++) out[u * rows + b] = values[b * width + u];
  }
}

/** The first condition's squares of each unit, [width]. */
function squaresOf(residuals: Float64Array, labels: Uint8Array, width: number, out: Float32Array | Float64Array): void {
  out.fill(0);
  for (const [b, label] of labels.entries())
    if (label === 1) for (let u = 0; u < width; u++) out[u] += residuals[b * width + u] ** 2;
}
