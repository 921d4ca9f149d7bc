import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tokenTable } from '@galvani/artifact';
import { UserMistake } from '@galvani/terminal';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readReference, relativeDifference } from '../../../core/model/test/reference.js';
import { modelDigest } from '../../../core/subject/src/store/model-digest.js';
import { extractStage } from '../src/extract-stage.js';
import {
  design,
  event,
  plan,
  readRun,
  referenceEvents,
  spell,
  type TinyStudy,
  targetOf,
  tinyStudy,
} from './tiny-study.js';

const onnx = fileURLToPath(
  new URL('../../../core/model/test/onnx-import/fixtures/opt-past/model.onnx', import.meta.url),
);
const reference = readReference('opt-galactica');
const run = 'ses-01_task-a';
let study: TinyStudy;
let said: string[];

const extract = () =>
  extractStage({ study: study.folder.root, root: study.root, signal: new AbortController().signal });

beforeEach(async () => {
  said = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => said.push(String(line)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => said.push(String(line)) > 0);
  study = await tinyStudy({ [run]: referenceEvents(run) });
  process.env.GALVANI_STORE = study.store;
});
afterEach(async () => {
  delete process.env.GALVANI_STORE;
  vi.restoreAllMocks();
  await study.remove();
});

/** Puts the ONNX file where a layout has it, and says its path in the study. */
async function place(layout: 'beside' | 'below'): Promise<string> {
  const folder = layout === 'beside' ? study.model : join(study.model, 'onnx');
  await mkdir(folder, { recursive: true });
  await copyFile(onnx, join(folder, 'model.onnx'));
  return layout === 'beside' ? 'model/model.onnx' : 'model/onnx/model.onnx';
}

describe.each(['beside', 'below'] as const)('an ONNX file with its tokenizer %s it', (layout) => {
  test('is generated from: transformers’ numbers, and a second study finds them', async () => {
    await plan(study.folder, [run], { model: { path: await place(layout) } });
    await extract();
    const found = await readRun(study, run);
    expect([...found.keys()].sort()).toEqual([...reference[0].sites.keys()].sort());
    for (const [site, values] of found) {
      const expected = reference.flatMap(({ sites, generated }) => {
        const all = sites.get(site)!;
        return [...all.subarray(0, (6 * all.length) / generated.length)];
      });
      expect(relativeDifference(values, expected), site).toBeLessThan(1e-4);
    }
    const tokens = await tokenTable.read(join(targetOf(study, run), 'tokens.parquet'));
    expect(tokens.map(({ token_id }) => token_id)).toEqual(reference.flatMap(({ generated }) => generated.slice(0, 6)));
    await extract();
    expect(said.at(-1)).toBe(`${run}: kept\n`);
  });

  test('is read: at a generated token’s position the numbers that generated the next', async () => {
    const texts = reference.map(({ inputIds, generated }) => Int32Array.of(...inputIds, ...generated.slice(0, 5)));
    const events = texts.map((text, p) => event(run, p, spell(text)));
    await design(study.folder, { [run]: events });
    await plan(study.folder, [run], { model: { path: await place(layout) }, mode: 'read' });
    await extract();
    const found = await readRun(study, run);
    const site = 'model.decoder.layers.1.fc1';
    let row = 0;
    for (const [p, { inputIds, sites, generated }] of reference.entries()) {
      const width = sites.get(site)!.length / generated.length;
      const from = row + inputIds.length - 1;
      expect(
        relativeDifference(
          found.get(site)!.slice(from * width, (from + 6) * width),
          sites.get(site)!.subarray(0, 6 * width),
        ),
      ).toBeLessThan(1e-4);
      row += texts[p].length;
    }
    const tokens = await tokenTable.read(join(targetOf(study, run), 'tokens.parquet'));
    expect(tokens.map(({ token_id }) => token_id)).toEqual(texts.flatMap((text) => [...text]));
  });
});

describe('an encoder', () => {
  const encoder = fileURLToPath(
    new URL('../../../core/model/test/onnx-import/fixtures/rewritten/bert-encoder/model.onnx', import.meta.url),
  );
  const asked = { model: { path: 'model/model.onnx' } };
  beforeEach(async () => {
    await copyFile(encoder, join(study.model, 'model.onnx'));
    await rm(join(study.model, 'config.json'));
    await design(study.folder, { [run]: [event(run, 0, spell([5, 17, 3]))] });
  });

  test('is read: its tokens have no log probabilities, and that is said', async () => {
    await plan(study.folder, [run], { ...asked, mode: 'read' });
    await extract();
    const tokens = await tokenTable.read(join(targetOf(study, run), 'tokens.parquet'));
    expect(tokens.map(({ token_id, log_probability, entropy }) => [token_id, log_probability, entropy])).toEqual([
      [5, Number.NaN, Number.NaN],
      [17, Number.NaN, Number.NaN],
      [3, Number.NaN, Number.NaN],
    ]);
    expect(said.join('')).toMatch(
      /no log probabilities and entropies, which are NaN: .*last_hidden_state is not logits/,
    );
  });

  test('is not generated from', async () => {
    await plan(study.folder, [run], asked);
    await expect(extract()).rejects.toThrow(UserMistake);
    await expect(extract()).rejects.toThrow(/nothing can be generated from it.*mode: read/);
  });
});

test('a study says what nodes without a path leave out', async () => {
  const file = new URL(
    '../../../core/model/test/onnx-import/fixtures/rewritten/llama-optimized/model.onnx',
    import.meta.url,
  );
  await copyFile(fileURLToPath(file), join(study.model, 'model.onnx'));
  await rm(join(study.model, 'config.json'));
  await design(study.folder, { [run]: [event(run, 0, spell([5, 17, 3]))] });
  await plan(study.folder, [run], { model: { path: 'model/model.onnx' } });
  await extract();
  expect(said.join('')).toMatch(/\d+ of the \d+ nodes of model carry no module's path.*model\.layers\.0/);
});

test('without a tokenizer a study on an ONNX file is refused before the model runs', async () => {
  const path = await place('below');
  await rename(join(study.model, 'tokenizer.json'), join(study.model, 'elsewhere.json'));
  await plan(study.folder, [run], { model: { path } });
  await expect(extract()).rejects.toThrow(UserMistake);
  await expect(extract()).rejects.toThrow(/without a tokenizer\.json/);
});

test('another tokenizer in the folder above is another model', async () => {
  const path = join(study.root, await place('below'));
  const before = await modelDigest(path);
  await rename(join(study.model, 'tokenizer.json'), join(study.model, 'elsewhere.json'));
  expect(await modelDigest(path)).not.toBe(before);
});
