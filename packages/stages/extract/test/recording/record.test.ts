import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openActivationFile } from '@galvani/artifact';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { presentRuns } from '../../src/recording/present-runs.js';
import { columnsOf, record, scalarColumns } from '../../src/recording/record.js';
import type { Slab } from '../../src/recording/slab.js';
import { createSlabSink } from '../../src/recording/slab-sink.js';
import { createSlabWriter, type SlabWriter } from '../../src/recording/slab-writer.js';
import { activations, sites, standIn } from './stand-in.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-record-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const greedy = { method: 'greedy' } as const;
const presentation = (count: number, newTokens: number) => ({
  prompts: Array.from({ length: count }, (_, p) => Int32Array.of(p)),
  keys: Array.from({ length: count }, (_, p) => p),
  newTokens,
  sampling: greedy,
});

test('whatever the batch and the slabs, the rows stand prompt after prompt', async () => {
  const shape = fc.record({
    prompts: fc.integer({ min: 1, max: 7 }),
    newTokens: fc.integer({ min: 1, max: 6 }),
    batch: fc.integer({ min: 1, max: 7 }),
    steps: fc.integer({ min: 1, max: 6 }),
  });
  let n = 0;
  await fc.assert(
    fc.asyncProperty(shape, async ({ prompts, newTokens, batch, steps }) => {
      const paths = [join(folder, `${++n}-embeddings.arrow`), join(folder, `${n}-block.arrow`)];
      const files = [
        { path: paths[0], sites: [0] },
        { path: paths[1], sites: [1, 2] },
      ];
      const columns = columnsOf({ sites });
      const writer = await createSlabWriter({ columns, files, storage: 'float32' });
      const plan = { batch, steps: Math.min(steps, newTokens), order: 'prompt' as const };
      const { tokens } = await record(standIn(), presentation(prompts, newTokens), plan, writer);
      await writer.finish();
      expect(tokens.map((t) => t[0])).toEqual(Array.from({ length: prompts }, (_, p) => p));
      for (const { path, sites: own } of files) {
        const reader = await openActivationFile(path);
        const found = own.map(() => [] as number[]);
        for await (const { values } of reader.batches())
          for (const [c, numbers] of values.entries()) found[c].push(...numbers);
        await reader.close();
        for (const [c, s] of own.entries()) {
          const expected: number[] = [];
          for (let p = 0; p < prompts; p++)
            for (let k = 0; k < newTokens; k++)
              for (let u = 0; u < sites[s].width; u++) expected.push(Math.fround(activations(p, k, s, u)));
          expect(found[c]).toEqual(expected);
        }
      }
    }),
    { numRuns: 40 },
  );
});

test('a prompt whose text has ended has no more rows, whatever the batch and the slabs', async () => {
  const shape = fc.record({
    prompts: fc.integer({ min: 1, max: 7 }),
    newTokens: fc.integer({ min: 1, max: 6 }),
    batch: fc.integer({ min: 1, max: 7 }),
    steps: fc.integer({ min: 1, max: 6 }),
    stopTokens: fc.uniqueArray(fc.integer({ min: 0, max: 12 }), { maxLength: 6 }),
  });
  let n = 0;
  await fc.assert(
    fc.asyncProperty(shape, async ({ prompts, newTokens, batch, steps, stopTokens }) => {
      const path = join(folder, `${++n}-stopped.arrow`);
      const columns = columnsOf({ sites });
      const writer = await createSlabWriter({ columns, files: [{ path, sites: [0, 1, 2] }], storage: 'float32' });
      const size = { batch, steps: Math.min(steps, newTokens), order: 'prompt' as const };
      const sink = createSlabSink(writer, { ...size, newTokens, stopTokens, columns, half: false });
      const { keys, ...asked } = presentation(prompts, newTokens);
      await presentRuns(standIn(), [{ prompts: asked.prompts, keys, sink }], { ...asked, batch });
      await sink.drain();
      await writer.finish();
      // The stand-in's token k of a prompt is the prompt's number plus k.
      const expected = Array.from({ length: prompts }, (_, p) => {
        const end = Array.from({ length: newTokens }, (_, k) => k).find((k) => stopTokens.includes(p + k));
        const rows = end === undefined ? newTokens : end + 1;
        return Array.from({ length: rows }, (_, k) => Math.fround(activations(p, k, 1, 0)));
      }).flat();
      const reader = await openActivationFile(path);
      const found: number[] = [];
      for await (const { values } of reader.batches()) found.push(...values[1]);
      await reader.close();
      expect(found).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});

test('rows in order of generation carry their prompt, position, token and log probability', async () => {
  const path = join(folder, 'trace.arrow');
  const scalars = Object.values(scalarColumns);
  const files = [{ path, sites: [0, 1, 2] }];
  const writer = await createSlabWriter({ columns: columnsOf({ sites }), files, storage: 'float32', scalars });
  await record(standIn(), presentation(5, 3), { batch: 2, steps: 2, order: 'generation', scalars }, writer);
  await writer.finish();
  const rows = tableFromIPC(await readFile(path)).toArray();
  expect(rows.map((row) => [row.prompt, row.position])).toEqual([
    ...[0, 1, 2].flatMap((k) => [0, 1].map((p) => [p, k])),
    ...[0, 1, 2].flatMap((k) => [2, 3].map((p) => [p, k])),
    ...[0, 1, 2].map((k) => [4, k]),
  ]);
  for (const row of rows) {
    expect(row.token_id).toBe(row.prompt + row.position);
    expect(row.log_probability).toBeCloseTo(-row.position, 6);
    expect([...row.a]).toEqual([0, 1, 2].map((u) => Math.fround(activations(row.prompt, row.position, 0, u))));
    expect([...row.b]).toEqual([activations(row.prompt, row.position, 1, 0)]);
  }
});

/** A writer that holds each slab until it is told to go on. */
function slowWriter() {
  const held: { slab: Slab; release: () => void }[] = [];
  const buffers = new Set<ArrayBufferLike>();
  const writer: SlabWriter = {
    write: (slab) =>
      new Promise((resolve) => {
        for (const { buffer } of slab.sites) buffers.add(buffer);
        held.push({ slab, release: resolve });
      }),
    finish: async () => [],
    abandon: async () => {},
  };
  return { writer, held, buffers };
}

test('a recording of any length holds two slabs, and the model waits while both are being written', async () => {
  const { writer, held, buffers } = slowWriter();
  let last = -1;
  const done = record(
    standIn((step) => {
      last = step;
    }),
    presentation(1, 100),
    { batch: 1, steps: 5, order: 'prompt' },
    writer,
  );
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  for (let i = 0; i < 10; i++) await settle();
  expect(held.length).toBe(2);
  // Two slabs of five are full; two steps more wait in the model's own memory.
  expect(last).toBe(11);
  let released = 0;
  while (released < 20) {
    held[released++].release();
    for (let i = 0; i < 10; i++) await settle();
    expect(held.length - released).toBeLessThanOrEqual(2);
  }
  await done;
  expect(buffers.size).toBe(2);
  expect(held.map(({ slab }) => slab.pieces[0].firstRow)).toEqual(Array.from({ length: 20 }, (_, i) => 5 * i));
});

test('an error in writing stops the model, whenever it comes', async () => {
  for (const failing of [0, 3, 9]) {
    let steps = 0;
    let written = 0;
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const writer: SlabWriter = {
      write: async () => {
        if (written++ === failing) throw full;
      },
      finish: async () => [],
      abandon: async () => {},
    };
    const subject = standIn(() => {
      steps++;
    });
    await expect(record(subject, presentation(2, 50), { batch: 2, steps: 5, order: 'prompt' }, writer)).rejects.toBe(
      full,
    );
    expect(steps).toBeLessThanOrEqual(5 * failing + 15);
  }
});

test('a unit that float16 cannot hold is named, and nothing is left', async () => {
  const path = join(folder, 'overflow.arrow');
  const files = [{ path, sites: [0, 1, 2] }];
  const writer = await createSlabWriter({ columns: columnsOf({ sites }), files, storage: 'float16' });
  const far = { ...presentation(1, 2), prompts: [Int32Array.of(70)] };
  await expect(record(standIn(), far, { batch: 1, steps: 2, order: 'prompt' }, writer)).rejects.toThrow(
    /unit 0 of a reached 70000.*float16/,
  );
  await writer.abandon();
  expect((await readdir(folder)).filter((name) => name.includes('overflow'))).toEqual([]);
});
