import { copyFile, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openActivationFile, readManifest, wordingTokenTable } from '@galvani/artifact';
import { meanEmbeddings, readTokenEmbedding } from '@galvani/model';
import { planOf } from '@galvani/study';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readReference } from '../../../core/model/test/reference.js';
import { wordingStage } from '../src/wording-stage.js';
import { event, plan, referenceEvents, spell, type TinyStudy, tinyStudy } from './tiny-study.js';

const runs = ['ses-01_task-b', 'ses-01_task-a'];
const prompts = readReference('opt-galactica').map(({ inputIds }) => [...inputIds]);
let study: TinyStudy;
let said: string[];

const wording = () =>
  wordingStage({ study: study.folder.root, root: study.root, signal: new AbortController().signal });
const manifest = async () => (await readManifest(study.folder.wording))!;

async function embeddings(): Promise<number[]> {
  const file = await openActivationFile(join(study.folder.wording, 'embeddings.arrow'));
  const values: number[] = [];
  for await (const batch of file.batches()) values.push(...batch.values[0]);
  expect(file.columns.map(({ site, kind }) => [site, kind])).toEqual([['input_embedding', 'embedding']]);
  await file.close();
  return values;
}

beforeEach(async () => {
  said = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => said.push(String(line)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => said.push(String(line)) > 0);
  // The plan's order is not that of names.
  study = await tinyStudy({ [runs[0]]: [event(runs[0], 0, spell([5, 9, 5]))], [runs[1]]: referenceEvents(runs[1]) });
  process.env.GALVANI_STORE = study.store;
});
afterEach(async () => {
  delete process.env.GALVANI_STORE;
  vi.restoreAllMocks();
  await study.remove();
});

test('every token of every prompt has a row, runs in the plan’s order', async () => {
  await wording();
  const rows = await wordingTokenTable.read(join(study.folder.wording, 'tokens.parquet'));
  const expected = [
    ...[5, 9, 5].map((token_id, position) => ({ run: runs[0], prompt: 0, position, token_id, of_template: false })),
    ...prompts.flatMap((ids, prompt) =>
      ids.map((token_id, position) => ({ run: runs[1], prompt, position, token_id, of_template: false })),
    ),
  ];
  expect(rows).toEqual(expected);
  expect(said.at(-1)).toBe(`wording: ${1 + prompts.length} prompts, ${expected.length} tokens\n`);
});

test('a prompt’s input embedding is the mean of its tokens’ rows of the table', async () => {
  await wording();
  const { values, width } = (await readTokenEmbedding(study.model))!;
  const found = await embeddings();
  expect(found).toHaveLength((1 + prompts.length) * width);
  const row = (id: number, u: number) => values[id * width + u];
  for (let u = 0; u < width; u++) expect(found[u]).toBe(Math.fround((2 * row(5, u) + row(9, u)) / 3));
  const [ids] = prompts;
  for (let u = 0; u < width; u++)
    expect(found[width + u]).toBe(Math.fround(ids.reduce((sum, id) => sum + row(id, u), 0) / ids.length));
});

test('the manifest names plan, events, model and files; the same again gives the same bytes', async () => {
  await wording();
  const { plan: followed, inputs, outputs, facts, parameters } = await manifest();
  expect(followed).toEqual(await planOf(study.folder, 'wording'));
  expect(Object.keys(inputs).sort()).toEqual([
    ...[...runs].sort().map((run) => `design/${run}.parquet`),
    'model/config.json',
    'model/model.safetensors',
    'model/tokenizer.json',
  ]);
  expect(Object.keys(outputs).sort()).toEqual(['embeddings.arrow', 'tokens.parquet']);
  expect(facts).toEqual({ prompts: 1 + prompts.length, tokens: 3 + prompts.flat().length, width: 32 });
  expect(parameters.model).toMatchObject({ path: 'model', sha256: expect.any(String) });
  const read = async () =>
    Promise.all((await readdir(study.folder.wording)).sort().map((name) => readFile(join(study.folder.wording, name))));
  const before = await read();
  await wording();
  expect(await read()).toEqual(before);
});

test('of an .onnx file there are tokens alone, and the manifest says why', async () => {
  await wording();
  const onnx = new URL('../../../core/model/test/onnx-import/fixtures/opt-past/model.onnx', import.meta.url);
  await copyFile(fileURLToPath(onnx), join(study.model, 'model.onnx'));
  await plan(study.folder, runs, { model: { path: 'model/model.onnx' } });
  await wording();
  expect((await readdir(study.folder.wording)).sort()).toEqual(['manifest.json', 'tokens.parquet']);
  expect((await manifest()).facts.absent).toMatch(/^the model is an \.onnx file, which does not say which/);
  expect(said.at(-1)).toContain('; no input embeddings: the model is an .onnx file');
});

test('a twin has its original’s tokens and a table of its own', async () => {
  await wording();
  const [own, tokens] = [await embeddings(), (await manifest()).outputs['tokens.parquet']];
  await plan(study.folder, runs, { model: { twin: { path: 'model' }, seed: 7 } }, { absent: 'none.' });
  await wording();
  expect((await manifest()).outputs['tokens.parquet']).toEqual(tokens);
  expect(await embeddings()).not.toEqual(own);
  const [twin] = await readdir(join(study.store, 'twins'));
  const { values, width } = (await readTokenEmbedding(join(study.store, 'twins', twin)))!;
  expect((await embeddings())[0]).toBe(Math.fround((2 * values[5 * width] + values[9 * width]) / 3));
});

test('a model without a tokenizer is told', async () => {
  await rm(join(study.model, 'tokenizer.json'));
  await expect(wording()).rejects.toThrow('the model model comes without a tokenizer.json');
});

test('a token that the table has no row for is told', () => {
  const table = { values: new Float32Array(6), width: 2 };
  expect(() => meanEmbeddings([Int32Array.of(0, 2), Int32Array.of(3)], table)).toThrow(
    "a prompt holds the token id 3, and the model's vocabulary goes from 0 to 2",
  );
});
