import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivationFile, readUnits } from '@galvani/artifact';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-units-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Numbers that float16 holds exactly. */
const numberOf = (site: number, row: number, unit: number) => ((site * 7 + row * 13 + unit) % 2048) / 8;

async function write(
  path: string,
  widths: readonly number[],
  batches: readonly number[],
  storage: 'float32' | 'float16',
) {
  const columns = widths.map((width, c) => ({ site: `site.${c}`, kind: 'linear', width }));
  const writer = await createActivationFile(path, columns, storage, { scalars: [{ name: 'position', type: 'int32' }] });
  let first = 0;
  for (const rows of batches) {
    const values = widths.map((width, c) =>
      Float32Array.from({ length: rows * width }, (_, i) => numberOf(c, first + Math.floor(i / width), i % width)),
    );
    await writer.append(rows, values, [new Int32Array(rows)]);
    first += rows;
  }
  await writer.finish();
  return first;
}

test('a unit is what the whole column has of it, whatever the widths and batches', async () => {
  const width = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 2040, max: 4200 }));
  const shapes = fc.record({
    widths: fc.array(width, { minLength: 1, maxLength: 3 }),
    batches: fc.array(fc.integer({ min: 1, max: 70 }), { maxLength: 3 }),
    storage: fc.constantFrom('float32' as const, 'float16' as const),
    site: fc.nat(),
    unit: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(shapes, async ({ widths, batches, storage, site: any, unit }) => {
      const path = join(folder, 'any.arrow');
      const rows = await write(path, widths, batches, storage);
      const site = any % widths.length;
      const units = [unit % widths[site], 0];
      const found = await readUnits(path, `site.${site}`, units);
      for (const [u, own] of units.entries())
        expect(found[u]).toEqual(Float32Array.from({ length: rows }, (_, row) => numberOf(site, row, own)));
    }),
    { numRuns: 25 },
  );
});

test('what is not there, and a file that is cut short, is a sentence', async () => {
  const path = join(folder, 'small.arrow');
  await write(path, [3], [4], 'float32');
  await expect(readUnits(path, 'site.1', [0])).rejects.toThrow(/small\.arrow has no site site\.1\./);
  await expect(readUnits(path, 'site.0', [3])).rejects.toThrow(/site\.0 has units 0 to 2, and not 3\./);
  await expect(readUnits(path, 'position', [0])).rejects.toThrow(/not a fixed-size list/);
  await truncate(path, 200);
  await expect(readUnits(path, 'site.0', [0])).rejects.toThrow(/small\.arrow/);
});
