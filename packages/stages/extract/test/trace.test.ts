import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserMistake } from '@galvani/terminal';
import { type Table, tableFromIPC } from 'apache-arrow';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readReference, referenceModels, relativeDifference } from '../../../core/model/test/reference.js';
import { trace } from '../src/trace.js';
import { copyCheckpoint, spell } from './tiny-study.js';

let folder: string;
let out: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-trace-'));
  out = join(folder, 'out', 'trace.arrow');
});
afterEach(() => rm(join(folder, 'out'), { recursive: true, force: true }));
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = async (): Promise<Table> => tableFromIPC(await readFile(out));
const numbers = (table: Table, name: string) => [...table.getChild(name)!].map(Number);
const activations = (table: Table, site: string) => [...table.getChild(site)!].flatMap((row) => [...row]);

describe.each(['opt-galactica', 'gpt2', 'gpt-neox', 'llama-gqa'])('%s', (name) => {
  const model = referenceModels[name];
  const reference = readReference(name);

  test('one prompt gives transformers’ tokens and numbers, a row per token', async () => {
    const [{ inputIds, generated, sites }] = reference;
    const result = await trace({ model, inputIds: [inputIds], newTokens: generated.length, out });
    expect([...result.tokens[0]]).toEqual(generated);
    const table = await read();
    const [position, token, logProbability, ...columns] = table.schema.fields.map((field) => field.name);
    expect([position, token, logProbability]).toEqual(['position', 'token_id', 'log_probability']);
    expect(columns.filter((site) => !site.endsWith('#gated')).sort()).toEqual([...sites.keys()].sort());
    expect(numbers(table, 'position')).toEqual(generated.map((_, k) => k));
    expect(numbers(table, 'token_id')).toEqual(generated);
    for (const [site, expected] of sites)
      expect(relativeDifference(activations(table, site), expected), site).toBeLessThan(1e-4);
    // The log probability is the softmax of the head's own row.
    const logits = activations(table, 'lm_head');
    const width = logits.length / generated.length;
    for (const [k, id] of generated.entries()) {
      const row = logits.slice(k * width, (k + 1) * width);
      const largest = Math.max(...row);
      const norm = largest + Math.log(row.reduce((sum, x) => sum + Math.exp(x - largest), 0));
      expect(numbers(table, 'log_probability')[k]).toBeCloseTo(row[id] - norm, 4);
    }
  });

  test('several prompts, in batches, stand in one file', async () => {
    const newTokens = 4;
    const inputIds = reference.map((prompt) => prompt.inputIds);
    const { rows } = await trace({ model, inputIds, newTokens, out, batch: 2, sites: { include: ['lm_head'] } });
    const table = await read();
    expect(table.schema.fields.map((field) => field.name)).toEqual([
      'prompt',
      'position',
      'token_id',
      'log_probability',
      'lm_head',
    ]);
    expect(table.numRows).toBe(rows);
    for (const [p, { generated, sites }] of reference.entries()) {
      const own = table.toArray().filter((row) => row.prompt === p);
      expect(own.map((row) => row.position)).toEqual([0, 1, 2, 3]);
      expect(own.map((row) => row.token_id)).toEqual(generated.slice(0, newTokens));
      const expected = sites.get('lm_head')!.subarray(0, (newTokens * sites.get('lm_head')!.length) / generated.length);
      expect(
        relativeDifference(
          own.flatMap((row) => [...row.lm_head]),
          expected,
        ),
      ).toBeLessThan(1e-4);
    }
  });
});

test('somebody else’s ONNX file is recorded under the same names', async () => {
  const model = fileURLToPath(
    new URL('../../../core/model/test/onnx-import/fixtures/opt-past/model.onnx', import.meta.url),
  );
  const [{ inputIds, generated, sites }] = readReference('opt-galactica');
  const { tokens } = await trace({ model, inputIds: [inputIds], newTokens: 4, out });
  expect([...tokens[0]]).toEqual(generated.slice(0, 4));
  const found = activations(await read(), 'model.decoder.layers.1.fc1');
  expect(relativeDifference(found, sites.get('model.decoder.layers.1.fc1')!.subarray(0, 4 * 64))).toBeLessThan(1e-4);
});

test('what a study says of an ONNX file is said of a trace, and an encoder is not generated from', async () => {
  const fixture = (name: string) =>
    fileURLToPath(
      new URL(`../../../core/model/test/onnx-import/fixtures/rewritten/${name}/model.onnx`, import.meta.url),
    );
  const { warnings } = await trace({ model: fixture('llama-optimized'), inputIds: [[5, 7]], newTokens: 1, out });
  expect(warnings).toEqual([expect.stringMatching(/\d+ of the \d+ nodes .* carry no module's path/)]);
  await rm(out);
  const generated = trace({ model: fixture('bert-encoder'), inputIds: [[5, 7]], newTokens: 1, out });
  await expect(generated).rejects.toThrow(UserMistake);
  await expect(generated).rejects.toThrow(/nothing can be generated from it/);
  expect(await readdir(join(folder, 'out')).catch(() => [])).toEqual([]);
});

test('a text goes in and a text comes out', async () => {
  const model = await copyCheckpoint('opt-galactica', join(folder, 'model'));
  const [{ inputIds, generated }] = readReference('opt-galactica');
  const result = await trace({ model, prompts: [spell(inputIds)], newTokens: 5, out });
  expect(result.texts).toEqual([spell(generated.slice(0, 5))]);
});

test('float16 halves the numbers and keeps three digits', async () => {
  const model = referenceModels['opt-galactica'];
  const [{ inputIds, sites }] = readReference('opt-galactica');
  await trace({ model, inputIds: [inputIds], newTokens: 1, out, storage: 'float16', sites: { include: ['*.fc1'] } });
  const bytes = await readFile(out);
  const table = tableFromIPC(bytes);
  const name = 'model.decoder.layers.0.fc1';
  const bits = table.getChild(name)!.data[0].children[0].values as Uint16Array;
  expect(bits).toBeInstanceOf(Uint16Array);
  expect(bits.length).toBe(64);
  const found = activations(table, name);
  expect(relativeDifference(found, sites.get(name)!.subarray(0, 64))).toBeLessThan(5e-3);
});

test('a unit that float16 cannot hold is named by its site, and no file is left', async () => {
  const model = await copyCheckpoint('opt-galactica', join(folder, 'huge'));
  const file = join(model, 'model.safetensors');
  const bytes = await readFile(file);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const [at] = JSON.parse(bytes.toString('utf8', 8, start))['model.decoder.layers.1.fc1.weight'].data_offsets;
  // The weights of unit 2.
  for (let i = 2 * 32; i < 3 * 32; i++) bytes.writeFloatLE(1e9, start + at + 4 * i);
  await writeFile(file, bytes);
  const request = { model, inputIds: [[5, 7, 9]], newTokens: 3, out, storage: 'float16' } as const;
  await expect(trace(request)).rejects.toThrow(
    /unit 2 of model\.decoder\.layers\.1\.fc1 reached more than 65504.*storage: float32/,
  );
  expect(await readdir(join(folder, 'out')).catch(() => [])).toEqual([]);
});

test('a seeded sample is the same again, and another seed’s is another', async () => {
  const model = referenceModels['opt-galactica'];
  const [{ inputIds }] = readReference('opt-galactica');
  const sampled = async (seed: number) => {
    const sampling = { method: 'sample', temperature: 2, seed } as const;
    return [...(await trace({ model, inputIds: [inputIds], newTokens: 20, out, sampling })).tokens[0]];
  };
  const first = await sampled(1);
  expect(await sampled(1)).toEqual(first);
  expect(await sampled(2)).not.toEqual(first);
});

describe('refusals leave no file', () => {
  const model = referenceModels['opt-galactica'];
  const cases: [string, Partial<Parameters<typeof trace>[0]>, RegExp][] = [
    ['no such site', { sites: { include: ['*.fc3'] } }, /\*\.fc3.*matches none/],
    ['neither text nor ids', { inputIds: undefined }, /either a prompt or token ids/],
    ['text without a tokenizer', { inputIds: undefined, prompts: ['x'] }, /without a tokenizer/],
    ['no new token', { newTokens: 0 }, /whole number from 1 on/],
    ['more than the context holds', { newTokens: 70 }, /--new-tokens is 70, and the context of opt-galactica holds 64/],
    ['an id beyond the vocabulary', { inputIds: [[5, 97]] }, /97.*vocabulary/],
    ['a model that is not there', { model: '/nowhere/model' }, /\/nowhere\/model/],
  ];
  test.each(cases)('%s', async (_, change, message) => {
    const request = { model, inputIds: [[5, 7, 9]], newTokens: 3, out, ...change };
    const error = await trace(request).then(
      () => undefined,
      (e: Error) => e,
    );
    expect(error).toBeInstanceOf(UserMistake);
    expect(error?.message).toMatch(message);
    expect(await readdir(join(folder, 'out')).catch(() => [])).toEqual([]);
  });
});

test('with units changed it records and continues as PyTorch does with forward hooks', async () => {
  const file = new URL('../../../core/model/test/fixtures/interventions.json', import.meta.url);
  const { prompt, changes, generated, chosen } = JSON.parse(await readFile(file, 'utf8')).gpt2;
  await trace({ model: referenceModels.gpt2, inputIds: [prompt, prompt], newTokens: generated.length, changes, out });
  const table = await read();
  expect(numbers(table, 'token_id').filter((_, row) => row % 2 === 1)).toEqual(generated);
  const found = numbers(table, 'log_probability').filter((_, row) => row % 2 === 1);
  for (const [k, expected] of chosen.entries()) expect(Math.abs(found[k] / expected - 1)).toBeLessThan(1e-4);
});

test('an .onnx file’s units are changed as the checkpoint’s are', async () => {
  const fixtures = new URL('../../../core/model/test/', import.meta.url);
  const file = new URL('fixtures/interventions.json', fixtures);
  const { prompt, changes, generated, chosen } = JSON.parse(await readFile(file, 'utf8'))['opt-galactica'];
  const model = fileURLToPath(new URL('onnx-import/fixtures/opt-past/model.onnx', fixtures));
  await trace({ model, inputIds: [prompt], newTokens: generated.length, changes, out });
  const table = await read();
  expect(numbers(table, 'token_id')).toEqual(generated);
  const found = numbers(table, 'log_probability');
  for (const [k, expected] of chosen.entries()) expect(Math.abs(found[k] / expected - 1)).toBeLessThan(1e-4);
});

test('a change of a site that is not there names the nearest ones', async () => {
  const changes = [{ site: 'transformer.h.0.mlp.actt', scale: 0 }];
  const asked = { model: referenceModels.gpt2, inputIds: [[1, 2]], newTokens: 1, changes, out };
  await expect(trace(asked)).rejects.toThrow(
    /matches none of the model's \d+ sites; the nearest are transformer.h.0.mlp.act/,
  );
});
