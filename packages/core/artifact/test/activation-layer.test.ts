import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ActivationReader,
  createActivationFile,
  openActivationFile,
  openActivationLayer,
} from '@galvani/artifact';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-layers-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Writes a file of several layers, sites of each of the given widths. */
async function write(layers: number[][], batches: number[], storage: 'float32' | 'float16', name = 'means.arrow') {
  const path = join(folder, name);
  const columns = layers.flatMap((widths, l) =>
    widths.map((width, s) => ({ site: `layer.${l}.${s}`, kind: 'linear', width, layer: `block-${l}` })),
  );
  const writer = await createActivationFile(path, columns, storage);
  for (const [b, rows] of batches.entries())
    await writer.append(
      rows,
      columns.map(({ width }, c) => Float32Array.from({ length: rows * width }, (_, i) => 100 * b + 10 * c + (i % 7))),
    );
  await writer.finish();
  return path;
}

async function read(reader: ActivationReader) {
  const batches = [];
  for await (const { firstRow, rows, values } of reader.batches())
    batches.push({ firstRow, rows, values: values.map((own) => [...own]) });
  await reader.close();
  return batches;
}

test('a layer is what the whole file has of it, whatever the widths and batches', async () => {
  const shapes = fc.record({
    layers: fc.array(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 4,
    }),
    batches: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 3 }),
    storage: fc.constantFrom('float32' as const, 'float16' as const),
  });
  await fc.assert(
    fc.asyncProperty(shapes, async ({ layers, batches, storage }) => {
      const path = await write(layers, batches, storage);
      const whole = await openActivationFile(path);
      const all = await read(whole);
      for (const l of layers.keys()) {
        const layer = await openActivationLayer(path, `block-${l}`);
        const own = [...whole.columns.keys()].filter((c) => whole.columns[c].layer === `block-${l}`);
        expect(layer.columns).toEqual(own.map((c) => whole.columns[c]));
        expect(layer.storage).toBe(storage);
        expect(await read(layer)).toEqual(
          all.map(({ values, ...batch }) => ({ ...batch, values: own.map((c) => values[c]) })),
        );
      }
    }),
    { numRuns: 30 },
  );
});

test('a layer that is not there and a file that is cut short are told', async () => {
  const path = await write([[3], [2, 4]], [5], 'float32', 'cut.arrow');
  await expect(openActivationLayer(path, 'block-7')).rejects.toThrow(/cut\.arrow has no layer block-7/);
  await truncate(path, 300);
  await expect(openActivationLayer(path, 'block-0')).rejects.toThrow(/cut\.arrow/);
});
