import { decodeFloat16 } from '@galvani/numerics';
import { Failure } from '@galvani/terminal';
import { buffersOf, numbersBuffer, numbersIn, readColumn, storageOf } from './activation-column.js';
import type { ActivationReader } from './activation-file.js';
import { arrowLayout, messageOf } from './arrow/arrow-layout.js';
import { damaged } from './binary-table/column.js';
import { openSource, readRange, type Source } from './byte-source.js';

/**
 * Opens a layer of an activation file that holds several: its columns, and of each record batch the bytes from the first to the last of them.
 *
 * @throws Failure where the file has no such layer, or is damaged
 */
export async function openActivationLayer(from: Source, layer: string): Promise<ActivationReader> {
  const source = await openSource(from);
  const { path } = source;
  const guarded = <T>(work: Promise<T>) =>
    work.catch((cause: unknown) => {
      throw cause instanceof Failure ? cause : damaged(path, cause);
    });
  try {
    const layout = await guarded(arrowLayout(source));
    const { fields } = layout.schema;
    const found = fields.flatMap((field, f) => {
      if (field.metadata.get('layer') !== layer) return [];
      return [{ ...readColumn(path, field), buffer: buffersOf(fields.slice(0, f)) + numbersBuffer }];
    });
    if (found.length === 0) throw new Failure(`${path} has no layer ${layer}.`);
    const read = async (batch: number) => {
      const { block } = layout.batches[batch];
      const message = await messageOf(source, block);
      if (message.kind !== 'batch') throw new Error('a record batch is something else');
      const { length: rows, buffers, compression } = message.batch;
      if (compression !== null) throw new Failure(`${path} is compressed, and read as a whole alone.`);
      const places = found.map(({ buffer, column, bytes }) => {
        const place = buffers[buffer];
        const length = rows * column.width * bytes;
        if (!place || !(rows >= 0) || !(place.offset >= 0) || !(place.length >= length))
          throw new Error(`${column.site} is shorter than its rows`);
        return { start: place.offset, end: place.offset + length };
      });
      const start = Math.min(...places.map((place) => place.start));
      const end = Math.max(...places.map((place) => place.end));
      const bytes = await readRange(source, block.bodyStart + start, end - start);
      const values = places.map((place, c) => {
        const own = numbersIn(bytes.subarray(place.start - start, place.end - start), found[c].bytes);
        return own instanceof Float32Array ? own : decodeFloat16(own);
      });
      return { rows, values };
    };
    return {
      path,
      columns: found.map(({ column }) => column),
      storage: storageOf(found.map(({ bytes }) => bytes)),
      async *batches() {
        let firstRow = 0;
        for (const batch of layout.batches.keys()) {
          const { rows, values } = await guarded(read(batch));
          yield { firstRow, rows, values };
          firstRow += rows;
        }
      },
      close: source.close,
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}
