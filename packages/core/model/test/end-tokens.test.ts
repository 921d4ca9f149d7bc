import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readEndTokens } from '../src/end-tokens.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-end-'));
});
afterEach(() => rm(folder, { recursive: true }));

const put = (name: string, fields: unknown) => writeFile(join(folder, name), JSON.stringify(fields));

test('generation_config.json decides, then config.json, then its section for text', async () => {
  expect(await readEndTokens(folder)).toEqual([]);
  await put('config.json', { text_config: { eos_token_id: 7 } });
  expect(await readEndTokens(folder)).toEqual([7]);
  await put('config.json', { eos_token_id: 2, text_config: { eos_token_id: 7 } });
  expect(await readEndTokens(folder)).toEqual([2]);
  await put('generation_config.json', { eos_token_id: [5, 6, 5] });
  expect(await readEndTokens(folder)).toEqual([5, 6]);
});

test('an ONNX file is asked about by the files beside it', async () => {
  await put('genai_config.json', { model: { eos_token_id: 3 } });
  expect(await readEndTokens(join(folder, 'model.onnx'))).toEqual([3]);
});

test('what is no id says nothing', async () => {
  await put('generation_config.json', { eos_token_id: null });
  await put('config.json', { eos_token_id: 'x' });
  expect(await readEndTokens(folder)).toEqual([]);
  await writeFile(join(folder, 'generation_config.json'), 'no JSON');
  await put('config.json', { eos_token_id: 0 });
  expect(await readEndTokens(folder)).toEqual([0]);
});
