import { UserMistake } from '@galvani/terminal';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowInterventions, type UnitChange } from '../../src/forward/interventions.js';
import { loadSubject, openLossSubject } from '../../src/load-subject.js';
import { describeImported, type ImportedSubject, openImported } from '../../src/onnx-import/imported-subject.js';
import type { Subject } from '../../src/subject.js';
import { differenceOf, hooked, readUnder } from '../hooked.js';
import { greedy } from '../recording.js';
import { referenceModels } from '../reference.js';
import { fixture } from './exported-file.js';

/** Reads a text under each list of changes. */
const readEach = (subject: Subject, text: Int32Array, lists: UnitChange[][]) =>
  readUnder(
    subject,
    lists.map(() => text),
    lists,
  );

describe.each([
  ['gpt2-plain', 'gpt2'],
  ['gpt2-dynamo', 'gpt2'],
  ['gpt2-external', 'gpt2'],
  ['opt-past', 'opt-galactica'],
  ['opt-merged', 'opt-galactica'],
  ['llama-past', 'llama-gqa'],
])('%s', (file, model) => {
  const { changes, text, alone, all, prompt, generated, chosen } = hooked[model];
  const ids = Int32Array.from(text);
  let subject: ImportedSubject;
  beforeAll(async () => {
    subject = await openImported(fixture(file), { interventions: {}, threads: 1 });
  });
  afterAll(() => subject.release());

  test('every site can be changed, and changing nothing changes no logit', () => {
    expect(subject.intervened).toEqual(subject.sites);
    expect(subject.check.logits).toBe(0);
  });

  test('each site changed alone, and all of them, read as PyTorch with hooks reads', async () => {
    const lists = [...changes.map((change) => [change]), changes];
    const found = await readEach(subject, ids, lists);
    for (const [k, { site }] of changes.entries()) expect(differenceOf(found[k], alone[site]), site).toBeLessThan(1e-4);
    expect(differenceOf(found[changes.length], all)).toBeLessThan(1e-4);
  });

  test('generates and records what PyTorch with hooks does, in a batch beside an untouched prompt', async () => {
    const prompts = [[], changes, changes].map((_, row) => Int32Array.from(prompt.slice(row === 2 ? 1 : 0)));
    const interventions = rowInterventions(subject.intervened, [[], changes, []]);
    const clamped = changes.map(({ site, units, offset }) => ({
      site,
      unit: units[0],
      value: (offset as number[])[0],
    }));
    const width = new Map(subject.sites.map((site) => [site.name, site.width]));
    const made = await subject.generate({
      ...{ prompts, newTokens: 5, sampling: greedy, interventions },
      onStep({ sites }) {
        for (const { site, unit, value } of clamped)
          expect(sites.get(site)![width.get(site)! + unit], site).toBe(Math.fround(value));
      },
    });
    expect([...made.tokens[1]]).toEqual(generated);
    expect(differenceOf([...made.logProbabilities[1]], chosen)).toBeLessThan(1e-4);
    const untouched = await subject.generate({ prompts, newTokens: 5, sampling: greedy });
    for (const row of [0, 2]) expect(made.logProbabilities[row]).toEqual(untouched.logProbabilities[row]);
  });

  test('losses under many changes are those of the checkpoint', async () => {
    const lists = [[], changes, ...changes.map((change) => [change])];
    const request = { texts: [ids, ids.subarray(0, 4), ids.subarray(0, 1)], changes: lists };
    const found: Float64Array[][] = [];
    for (const path of [fixture(file), referenceModels[model]]) {
      const losses = await openLossSubject(path, { interventions: {}, threads: 1 });
      found.push(await losses.losses(request));
      await losses.release();
    }
    for (const [k, own] of found[0].entries()) {
      expect(differenceOf([...own.subarray(0, 2)], [...found[1][k]])).toBeLessThan(1e-4);
      expect(own[2]).toBeNaN();
    }
  });
});

test('of a float16 file numbers are changed as float32 and rounded', async () => {
  const { changes, text, all } = hooked['opt-galactica'];
  const [half, whole] = await Promise.all([
    openImported(fixture('opt-half'), { interventions: {}, threads: 1 }),
    loadSubject(referenceModels['opt-galactica'], { interventions: {}, threads: 1 }),
  ]);
  expect(half.check.logits).toBe(0);
  expect(half.intervened).toEqual(half.sites);
  const lists = changes.map((change) => [change]);
  const [found, expected] = await Promise.all([half, whole].map((s) => readEach(s, Int32Array.from(text), lists)));
  for (const [k, own] of found.entries()) expect(differenceOf(own, expected[k]), changes[k].site).toBeLessThan(0.03);
  expect(all.length).toBe(text.length - 1);
  await half.release();
  await whole.release();
});

test('of a file with fused operators the sites that can be changed agree with hooks, the others are refused by name', async () => {
  const { changes, text, alone } = hooked.qwen3;
  const path = fixture('qwen3-built');
  const subject = await openImported(path, { interventions: {}, threads: 1 });
  expect(subject.check.logits).toBe(0);
  const can = new Set(subject.intervened.map(({ name }) => name));
  const own = changes.filter(({ site }) => can.has(site));
  expect(own.length).toBeGreaterThan(10);
  const found = await readEach(
    subject,
    Int32Array.from(text),
    own.map((change) => [change]),
  );
  for (const [k, { site }] of own.entries()) expect(differenceOf(found[k], alone[site]), site).toBeLessThan(1e-4);
  const { fixed, sites } = await describeImported(path);
  expect(fixed!.map(({ name }) => name).sort()).toEqual(
    sites
      .map(({ name }) => name)
      .filter((name) => !can.has(name))
      .sort(),
  );
  expect(fixed!.map(({ name }) => name)).toContain('model.layers.0');
  await subject.release();
  const refused = openImported(path, { interventions: { include: ['model.layers.0'] } });
  await expect(refused).rejects.toThrow(UserMistake);
  await expect(refused).rejects.toThrow(
    /model\.layers\.0 of qwen3-built cannot be intervened on: SkipSimplified.* adds the residual stream/,
  );
});

test.each([
  ['gpt2-quantized', 'transformer.h.0.mlp.c_proj', /quantizes numbers by the range of all/],
  ['neox-optimized', 'gpt_neox.layers.0.mlp.dense_h_to_4h', /adds its bias in one step with its own work/],
])('of %s %s is refused with the reason', async (name, site, reason) => {
  const path = fixture(`rewritten/${name}`);
  await expect(openImported(path, { interventions: { include: [site] } })).rejects.toThrow(reason);
});

test('an encoder’s units can be changed while it reads, and it has no losses', async () => {
  const path = fixture('rewritten/bert-encoder');
  const site = 'encoder.layer.0';
  const subject = await openImported(path, { interventions: { include: [site] }, threads: 1 });
  await subject.read({
    texts: [Int32Array.of(5, 17, 3)],
    interventions: rowInterventions(subject.intervened, [[{ site, units: [1], scale: 0, offset: 2.5 }]]),
    onPassage({ sites }) {
      const { width } = subject.intervened[0];
      for (const t of [0, 1, 2]) expect(sites.get(site)![t * width + 1]).toBe(2.5);
    },
  });
  await subject.release();
  await expect(openLossSubject(path, { interventions: {} })).rejects.toThrow(/gives no logits of the next token/);
});
