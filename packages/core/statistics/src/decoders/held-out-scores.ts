import type { Decoder } from './decoder.js';
import { innerProducts, type Patterns } from './inner-products.js';

/** Rows of a table by which a decoder learns, and rows that it then scores. */
export interface DecodingFold {
  readonly training: readonly number[] | Int32Array;
  readonly heldOut: readonly number[] | Int32Array;
}

/**
 * Scores of the rows that each fold holds out, by a decoder that learnt from the fold's training rows.
 *
 * @param table `values` [rows x width], best `patternCoordinates`; `units` that its columns stand for, default their number
 * @param classes [rows]; those of rows that no fold trains on are not looked at
 * @returns for each fold [held-out rows x count]
 * @throws RangeError where a row is in both parts of a fold
 */
export function heldOutScores(
  decoder: Decoder,
  table: { readonly values: Patterns; readonly units?: number },
  classes: Int32Array,
  count: number,
  folds: readonly DecodingFold[],
): Float64Array[] {
  const rows = classes.length;
  const width = table.values.length / rows;
  const products = innerProducts(table.values, table.values, width);
  return folds.map(({ training, heldOut }) => {
    const learnt = new Set(training);
    for (const row of heldOut) if (learnt.has(row)) throw new RangeError(`Row ${row} is learnt from and held out.`);
    const score = decoder({
      values: chosenRows(table.values, width, training),
      classes: Int32Array.from(training, (row) => classes[row]),
      count,
      units: table.units ?? width,
      products: amongRows(products, rows, training),
    });
    return score(chosenRows(table.values, width, heldOut));
  });
}

/** Some rows of a table, in their order, of 64 bits. */
export function chosenRows(values: Patterns, width: number, rows: readonly number[] | Int32Array): Float64Array {
  const out = new Float64Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) out.set(values.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
  return out;
}

function amongRows(products: Float64Array, rows: number, chosen: readonly number[] | Int32Array): Float64Array {
  const size = chosen.length;
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) out[i * size + j] = products[chosen[i] * rows + chosen[j]];
  return out;
}
