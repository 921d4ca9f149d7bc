import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivationFile, digestOf, digestOfFile, openActivationFile } from '@galvani/artifact';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-activation-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const columns = [
  { site: 'model.layers.0.fc1', kind: 'linear', width: 3 },
  { site: 'model.layers.0', kind: 'block', width: 2 },
];

test('what is written is read, batch by batch, and the checksum is the file’s', async () => {
  const path = join(folder, 'a.arrow');
  const writer = await createActivationFile(path, columns, 'float32');
  const reused = [new Float32Array(12), new Float32Array(8)];
  for (let batch = 0; batch < 3; batch++) {
    for (const [c, values] of reused.entries())
      for (let i = 0; i < values.length; i++) values[i] = 100 * batch + 10 * c + i;
    await writer.append(4 - batch, reused);
  }
  expect(await readdir(folder)).not.toContain('a.arrow');
  const written = await writer.finish();
  expect(digestOf(written)).toBe(await digestOfFile(path, 'xxh3:'));
  expect(written.bytes).toBe((await readFile(path)).byteLength);
  const reader = await openActivationFile(path);
  expect(reader.columns).toEqual(columns);
  const seen: number[][] = [];
  for await (const batch of reader.batches()) {
    seen.push([batch.firstRow, batch.rows]);
    const b = seen.length - 1;
    expect([...batch.values[0]]).toEqual(Array.from({ length: 3 * batch.rows }, (_, i) => 100 * b + i));
    expect([...batch.values[1]]).toEqual(Array.from({ length: 2 * batch.rows }, (_, i) => 100 * b + 10 + i));
  }
  await reader.close();
  expect(seen).toEqual([
    [0, 4],
    [4, 3],
    [7, 2],
  ]);
});

test('Arrow’s own table reader opens the file', async () => {
  const table = tableFromIPC(await readFile(join(folder, 'a.arrow')));
  expect(table.numRows).toBe(9);
  expect(table.schema.fields.map((f) => `${f.name}: ${f.type}`)).toEqual([
    'model.layers.0.fc1: FixedSizeList[3]<Float32>',
    'model.layers.0: FixedSizeList[2]<Float32>',
  ]);
  expect([...(table.getChild('model.layers.0')?.get(4) ?? [])]).toEqual([110, 111]);
});

test('an abandoned file leaves nothing', async () => {
  const writer = await createActivationFile(join(folder, 'b.arrow'), columns, 'float32');
  await writer.append(1, [new Float32Array(3), new Float32Array(2)]);
  await writer.abandon();
  expect((await readdir(folder)).sort()).toEqual(['a.arrow']);
});

test('float16 keeps what fits and names the unit that does not', async () => {
  const path = join(folder, 'half.arrow');
  const writer = await createActivationFile(path, columns, 'float16');
  await writer.append(1, [Float32Array.of(1, -2.5, 65504), Float32Array.of(0.1, 0)]);
  await expect(writer.append(1, [Float32Array.of(1, 2, 3), Float32Array.of(0, 70000)])).rejects.toThrow(
    'unit 1 of model.layers.0 reached 70000',
  );
  // What comes as float16 is written as it is.
  await writer.append(1, [Uint16Array.of(0x3c00, 0xc100, 0x7bff), Uint16Array.of(0x2e66, 0)]);
  await expect(writer.append(1, [Uint16Array.of(0, 0, 0xfc00), Uint16Array.of(0, 0)])).rejects.toThrow(
    'unit 2 of model.layers.0.fc1 reached more than 65504',
  );
  await writer.finish();
  const reader = await openActivationFile(path);
  expect(reader.storage).toBe('float16');
  for await (const batch of reader.batches()) {
    expect([...batch.values[0]]).toEqual([1, -2.5, 65504]);
    expect(batch.values[1][0]).toBeCloseTo(0.1, 4);
  }
  await reader.close();
});

test('a float16 file that saturates keeps the largest number that there is in place of a larger one', async () => {
  const path = join(folder, 'saturated.arrow');
  const writer = await createActivationFile(path, columns, 'float16', { saturate: true });
  await writer.append(1, [Float32Array.of(1e6, -70000, Number.POSITIVE_INFINITY), Float32Array.of(Number.NaN, -65504)]);
  await writer.finish();
  const reader = await openActivationFile(path);
  for await (const { values } of reader.batches()) {
    expect([...values[0]]).toEqual([65504, -65504, Number.POSITIVE_INFINITY]);
    expect([...values[1]]).toEqual([Number.NaN, -65504]);
  }
  await reader.close();
});

test('a file that is not Arrow is refused with its path', async () => {
  const { writeFile } = await import('node:fs/promises');
  const path = join(folder, 'text.arrow');
  await writeFile(path, 'not an arrow file at all');
  await expect(openActivationFile(path)).rejects.toThrow(/text\.arrow is not a readable Arrow file/);
});

test('batches that came in another order are read in the order of their rows', async () => {
  const path = join(folder, 'reordered.arrow');
  const writer = await createActivationFile(path, [{ site: 'a', kind: 'other', width: 1 }], 'float32');
  for (const value of [30, 10, 20]) await writer.append(2, [Float32Array.of(value, value + 1)]);
  const written = await writer.finish([1, 2, 0]);
  expect(digestOf(written)).toBe(await digestOfFile(path, 'xxh3:'));
  const reader = await openActivationFile(path);
  const values: number[] = [];
  for await (const batch of reader.batches()) values.push(...batch.values[0]);
  await reader.close();
  expect(values).toEqual([10, 11, 20, 21, 30, 31]);
});

test('plain columns can stand ahead of the sites', async () => {
  const path = join(folder, 'scalars.arrow');
  const writer = await createActivationFile(path, [{ site: 'a', kind: 'other', width: 2 }], 'float32', {
    scalars: [
      { name: 'position', type: 'int32' },
      { name: 'log_probability', type: 'float32' },
    ],
    checksum: false,
  });
  await writer.append(2, [Float32Array.of(1, 2, 3, 4)], [Int32Array.of(0, 1), Float32Array.of(-0.5, -2)]);
  expect(await writer.finish()).toEqual({ xxh3: '', bytes: (await readFile(path)).byteLength });
  const table = tableFromIPC(await readFile(path));
  expect(table.schema.fields.map((field) => field.name)).toEqual(['position', 'log_probability', 'a']);
  expect([...(table.getChild('position') ?? [])]).toEqual([0, 1]);
  expect([...(table.getChild('log_probability') ?? [])]).toEqual([-0.5, -2]);
  expect([...(table.get(1)?.toJSON().a ?? [])]).toEqual([3, 4]);
});

test('the buffers of large batches begin pages of the file, those of small ones stand close together', async () => {
  const wide = [
    { site: 'a', kind: 'linear', width: 500 },
    { site: 'b', kind: 'linear', width: 3000 },
  ];
  const values = wide.map(({ width }, c) => Float32Array.from({ length: 40 * width }, (_, i) => 1e6 * c + i + 1));
  for (const [rows, whole] of [
    [40, true],
    [1, false],
  ] as const) {
    const path = join(folder, `pages-${rows}.arrow`);
    const writer = await createActivationFile(path, wide, 'float32');
    // The second batch is written without being described anew.
    for (let batch = 0; batch < 2; batch++) await writer.append(rows, values);
    const { bytes } = await writer.finish();
    const numbers = 2 * rows * 4 * 3500;
    expect(bytes).toBeLessThan(1.07 * numbers + 20_000);
    const file = await readFile(path);
    for (const [c, { width }] of wide.entries()) {
      const part = values[c].subarray(0, rows * width);
      const at = file.indexOf(new Uint8Array(part.buffer, part.byteOffset, 64));
      expect(at % 4096 === 0).toBe(whole);
    }
    const table = tableFromIPC(file);
    expect([...table.getChild('b')!.get(2 * rows - 1)!]).toEqual([
      ...values[1].subarray((rows - 1) * 3000, rows * 3000),
    ]);
    const reader = await openActivationFile(path);
    let seen = 0;
    for await (const batch of reader.batches()) {
      for (const [c, { width }] of wide.entries()) {
        const part = values[c].subarray(0, rows * width);
        expect(batch.values[c]).toHaveLength(part.length);
        expect(part.findIndex((value, i) => value !== batch.values[c][i])).toBe(-1);
      }
      seen++;
    }
    await reader.close();
    expect(seen).toBe(2);
  }
});
