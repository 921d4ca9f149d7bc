import type { ActivationBatch, ActivationReader } from '@galvani/artifact';
import { Failure } from '@galvani/terminal';

/**
 * A layer's rows without those that are left out; the others are counted from 0 anew.
 *
 * @param kept for each row of the file 1 to keep it, or 0
 */
export function keptRows(reader: ActivationReader, kept: Uint8Array): ActivationReader {
  return { ...reader, batches: () => keptBatches(reader, kept) };
}

async function* keptBatches(reader: ActivationReader, kept: Uint8Array): AsyncGenerator<ActivationBatch> {
  let read = 0;
  let firstRow = 0;
  for await (const batch of reader.batches()) {
    read = batch.firstRow + batch.rows;
    if (read > kept.length) break;
    const own = [...Array(batch.rows).keys()].filter((r) => kept[batch.firstRow + r] === 1);
    if (own.length === batch.rows) yield { ...batch, firstRow };
    else if (own.length > 0) {
      const values = batch.values.map((all, c) => {
        const { width } = reader.columns[c];
        const some = new Float32Array(own.length * width);
        for (const [to, r] of own.entries()) some.set(all.subarray(r * width, (r + 1) * width), to * width);
        return some;
      });
      yield { ...batch, firstRow, rows: own.length, values };
    }
    firstRow += own.length;
  }
  if (read !== kept.length)
    throw new Failure(
      `${reader.path} has ${read} rows or more, tokens.parquet has ${kept.length}: extract the run again.`,
    );
}
