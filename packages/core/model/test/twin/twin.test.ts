import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { describeSubject, loadSubject, writeTwin } from '../../src/index.js';
import { openWeights, type WeightSource } from '../../src/weights/weight-source.js';
import { alteredCheckpoint } from '../altered-checkpoint.js';
import { referenceModels } from '../reference.js';

const models = { ...referenceModels, frog: new URL('../../../../../data/models/frog', import.meta.url).pathname };

const newFolder = () => mkdtempSync(join(tmpdir(), 'galvani-twin-'));

async function twinOf(model: string, seed = 1): Promise<string> {
  const folder = newFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await writeTwin(model, seed, folder);
  return folder;
}

async function weightsOf(folder: string): Promise<WeightSource> {
  const source = await openWeights(folder);
  onTestFinished(() => source.close());
  return source;
}

const bytesOf = (folder: string) =>
  new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))]));
const sorted = (values: Float32Array) => Buffer.from(values.slice().sort().buffer);

describe.each(Object.entries(models))('the twin of %s', (_, model) => {
  let twin: string;
  beforeAll(async () => {
    twin = newFolder();
    await writeTwin(model, 1, twin);
  });
  afterAll(() => rmSync(twin, { recursive: true, force: true }));

  test('has each tensor’s values, formats and shapes, in another order, and the sites of the original', async () => {
    const [before, after] = [await weightsOf(model), await weightsOf(twin)];
    expect(after.names()).toEqual(before.names());
    let moved = 0;
    for (const name of before.names()) {
      expect([after.dtype(name), after.shape(name)]).toEqual([before.dtype(name), before.shape(name)]);
      const [own, other] = [await before.readFloat32(name), await after.readFloat32(name)];
      expect(sorted(other).equals(sorted(own)), name).toBe(true);
      if (own.length > 1000 && new Set(own).size > 100) {
        const same = own.reduce((sum, value, i) => sum + (value === other[i] ? 1 : 0), 0);
        expect(same / own.length, name).toBeLessThan(0.1);
        moved++;
      }
    }
    expect(moved).toBeGreaterThan(0);
    expect((await describeSubject(twin)).sites).toEqual((await describeSubject(model)).sites);
  });

  test('computes finite numbers of a usual size', async () => {
    const norms = await Promise.all([model, twin].map(largestNorm));
    expect(norms[1]).toBeLessThan(30 * norms[0]);
    expect(norms[1]).toBeGreaterThan(norms[0] / 30);
  });
});

/** The largest root mean square over the units of a site, of any site at any token; NaN if a number is none. */
async function largestNorm(path: string): Promise<number> {
  const subject = await loadSubject(path, { threads: 1 });
  let largest = 0;
  const prompts = [Int32Array.of(5, 7, 9, 3, 11, 12), Int32Array.of(44)];
  await subject.generate({
    prompts,
    newTokens: 4,
    sampling: { method: 'greedy' },
    onStep({ sites, logProbabilities }) {
      expect(logProbabilities.every(Number.isFinite)).toBe(true);
      for (const values of sites.values())
        largest = Math.max(largest, Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length));
    },
  });
  await subject.release();
  return largest;
}

test('the same seed gives the same bytes, another seed other weights and the same other files', async () => {
  const model = models.frog;
  const [one, same, other] = [await twinOf(model, 3), await twinOf(model, 3), await twinOf(model, 4)].map(bytesOf);
  expect([...same.keys()]).toEqual([...one.keys()]);
  for (const [file, bytes] of same) expect(bytes.equals(one.get(file)!), file).toBe(true);
  expect([...one.keys()].sort()).toEqual([
    'config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  for (const [file, bytes] of other) expect(bytes.equals(one.get(file)!), file).toBe(file !== 'model.safetensors');
});

test('a head that holds the embedding’s numbers holds them after, too', async () => {
  const tied = alteredCheckpoint('opt-galactica', {
    tensors(all) {
      all.set('lm_head.weight', all.get('model.decoder.embed_tokens.weight')!);
    },
  });
  const source = await weightsOf(await twinOf(tied));
  expect(await source.sameNumbers('lm_head.weight', 'model.decoder.embed_tokens.weight')).toBe(true);
});

test('what is no weight is left as it is', async () => {
  const mask = { dtype: 'U8', shape: [4], data: Buffer.from([1, 2, 3, 4]) };
  const model = alteredCheckpoint('opt-galactica', { tensors: (all) => void all.set('mask', mask) });
  const source = await weightsOf(await twinOf(model));
  expect([...(await source.readBytes('mask'))]).toEqual([1, 2, 3, 4]);
});

test('an .onnx file and quantised weights have no twin, and it is said what to do', async () => {
  await expect(twinOf('somewhere/model.onnx')).rejects.toThrow(/\.onnx file, which has no twin.*Name the folder/);
  const quantised = alteredCheckpoint('opt-galactica', {
    tensors(all) {
      const name = 'model.decoder.layers.0.fc1.weight';
      const { shape } = all.get(name)!;
      all.set(name, { dtype: 'I8', shape, data: Buffer.alloc(shape[0] * shape[1]) });
    },
  });
  await expect(twinOf(quantised)).rejects.toThrow(/fc1\.weight" is stored as I8.*name such a version of the model/);
});
