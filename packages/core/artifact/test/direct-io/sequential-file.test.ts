import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allocatePages, recognizePages } from '../../src/direct-io/page-memory.js';
import { createSequentialFile } from '../../src/direct-io/sequential-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-sequential-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Bytes that tell their place. */
const bytes = (length: number, first: number) => {
  const filled = new Uint8Array(length);
  for (let i = 0; i < length; i++) filled[i] = (first + i) % 251;
  return filled;
};

/** The same bytes in memory that begins a page. */
const inPages = (length: number, first: number) => {
  const piece = new Uint8Array(allocatePages(length), 0, length);
  piece.set(bytes(length, first));
  return piece;
};

test('whatever the pieces and wherever they lie, the file is their sequence', async () => {
  const odd = fc.constantFrom(1, 4095, 4097, (1 << 20) - 1, 1 << 20, (1 << 20) + 1);
  const length = fc.oneof(fc.nat(100), odd, fc.constantFrom(4096, 16_384, 16_385, 65_536, 70_000));
  const piece = fc.record({ length, make: fc.constantFrom(bytes, inPages) });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(piece, { maxLength: 5 }), { maxLength: 4 }), async (appends) => {
      const path = join(folder, 'any');
      const file = await createSequentialFile(path);
      let total = 0;
      for (const asked of appends) {
        const pieces = asked.map(({ length, make }) => {
          const piece = make(length, total);
          total += length;
          return piece;
        });
        await file.append(pieces);
        // The caller may use its memory again.
        for (const piece of pieces) piece.fill(255);
      }
      await file.close(false);
      expect(Buffer.compare(await readFile(path), bytes(total, 0))).toBe(0);
    }),
    { numRuns: 40 },
  );
});

test('several files at once keep to themselves, and more than the pool is comfortable with', async () => {
  const files = await Promise.all(Array.from({ length: 70 }, (_, f) => createSequentialFile(join(folder, `f${f}`))));
  for (let round = 0; round < 2; round++)
    await Promise.all(files.map((file, f) => file.append([bytes(700_000, f + round * 700_000)])));
  await Promise.all(files.map((file) => file.close(false)));
  for (const f of [0, 33, 69])
    expect(Buffer.compare(await readFile(join(folder, `f${f}`)), bytes(1_400_000, f))).toBe(0);
});

test('an abandoned file can be removed, and its memory is used again', async () => {
  const file = await createSequentialFile(join(folder, 'abandoned'));
  await file.append([bytes(3 << 20, 0)]);
  await file.abandon();
  const next = await createSequentialFile(join(folder, 'next'));
  await next.append([bytes(10, 0)]);
  await next.close(true);
  expect([...(await readFile(join(folder, 'next')))]).toEqual([...bytes(10, 0)]);
});

test('a write that the system refuses past its cache goes through it, whatever is under way', async () => {
  const path = join(folder, 'refused');
  const file = await createSequentialFile(path);
  const pieces = [3 << 20, 65_536, 70_000].map((length, i, all) => {
    const piece = bytes(
      length,
      all.slice(0, i).reduce((a, b) => a + b, 0),
    );
    // Ordinary memory, which rarely begins a page.
    if (i > 0) recognizePages(piece.buffer);
    return piece;
  });
  await file.append(pieces);
  await file.append([
    bytes(
      3 << 20,
      pieces.reduce((sum, { length }) => sum + length, 0),
    ),
  ]);
  await file.close(true);
  expect(Buffer.compare(await readFile(path), bytes((6 << 20) + 135_536, 0))).toBe(0);
});
