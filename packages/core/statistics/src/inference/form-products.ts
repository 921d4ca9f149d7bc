import type { Tensor } from '@galvani/onnx';
import type { ArrangedRows } from './arranged-rows.js';
import { multiplyRows, numbersOf, type Precision, tensorOf } from './row-products.js';
import type { FormValues } from './studentized-form.js';

/** Residuals of a tile and their squares as right matrices. */
export function tilesOf(residuals: Float64Array, rows: number, tile: number, precision: Precision): [Tensor, Tensor] {
  const plain = numbersOf(precision, residuals.length);
  plain.set(residuals);
  return [
    tensorOf(plain, [rows, tile]),
    tensorOf(
      plain.map((value) => value * value),
      [rows, tile],
    ),
  ];
}

/** Forms and squares of a batch of arrangements. */
export interface Batch {
  forms: ArrangedRows;
  masks: ArrangedRows;
}

/** Memory that grows to what is asked for, and is used again. */
export function memoryOf(precision: Precision): (length: number) => Float32Array | Float64Array {
  let memory = numbersOf(precision, 0);
  return (length) => {
    if (memory.length < length) memory = numbersOf(precision, length);
    return memory.subarray(0, length);
  };
}

/** Multiplies batches one after the other, in memory that they share. */
export function productsOf(precision: Precision) {
  const [forms, squares] = [memoryOf(precision), memoryOf(precision)];
  return {
    async each(
      batches: readonly Batch[],
      plain: Tensor,
      squared: Tensor,
      tile: number,
      look: (batch: ArrangedRows, values: FormValues) => void,
    ): Promise<void> {
      for (const batch of batches) {
        const out = {
          forms: forms((batch.forms.rows?.dims[0] ?? 0) * tile),
          squares: squares((batch.masks.rows?.dims[0] ?? 0) * tile),
        };
        if (batch.forms.rows) await multiplyRows(batch.forms.rows, plain, out.forms);
        if (batch.masks.rows) await multiplyRows(batch.masks.rows, squared, out.squares);
        look(batch.forms, { ...out, total: 1, rows: batch.forms.count, width: tile });
      }
    },
  };
}
