import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { twoWayParts } from '../../src/graph/two-way-pattern.js';
import {
  describeSubject,
  loadSubject,
  openLossSubject,
  type Passage,
  type Subject,
  writeTwin,
} from '../../src/index.js';
import { alteredCheckpoint, renameTensors } from '../altered-checkpoint.js';
import { encoderModels, readReference, relativeDifference } from '../reference.js';

async function readAll(subject: Subject, texts: Int32Array[]) {
  const widths = new Map(subject.sites.map(({ name, width }) => [name, width]));
  const found = texts.map(() => new Map<string, number[]>());
  const passages: Pick<Passage, 'text' | 'from' | 'entropies'>[] = [];
  await subject.read({
    texts,
    onPassage({ text, from, entropies, sites, tokens }) {
      passages.push({ text, from, entropies });
      for (const [site, values] of sites) {
        expect(values).toHaveLength(tokens.length * widths.get(site)!);
        found[text].set(site, [...(found[text].get(site) ?? []), ...values]);
      }
    },
  });
  return { found, passages };
}

describe.each(Object.keys(encoderModels))('%s', (model) => {
  test('gives transformers’ numbers of every site at every position, singly and in a batch of unequal texts', async () => {
    const subject = await loadSubject(encoderModels[model], { threads: 1, sites: { include: ['*', '*#*'] } });
    const reference = readReference(model);
    expect(subject.sites.map(({ name }) => name).sort()).toEqual([...reference[0].sites.keys()].sort());
    for (const batch of [[0], [1], [2], [0, 1, 2]]) {
      const { found } = await readAll(
        subject,
        batch.map((p) => reference[p].inputIds),
      );
      for (const [r, p] of batch.entries())
        for (const [site, expected] of reference[p].sites)
          expect(relativeDifference(found[r].get(site)!, expected), `${site}, text ${p}, batch ${batch}`).toBeLessThan(
            1e-4,
          );
      const columns = twoWayParts(subject.contextLength);
      for (const { name } of subject.sites.filter(({ kind }) => kind === 'pattern'))
        for (const own of found) {
          const values = own.get(name)!;
          for (let at = 0; at < values.length; at += columns)
            expect(values.slice(at, at + columns).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
        }
    }
    await subject.release();
  });
});

test('a text whose activations are too many for one run is handed out in parts', async () => {
  const subject = await loadSubject(encoderModels.roberta, { threads: 1 });
  const text = readReference('roberta')[1].inputIds;
  const long = Int32Array.from({ length: 40 }, (_, i) => text[i % text.length]);
  const whole = await readAll(subject, [long]);
  const parts: number[][] = [];
  const found: number[] = [];
  await subject.read({
    texts: [long],
    passagesOf: [{ width: 1 << 22, kind: 'linear' }],
    onPassage({ from, tokens, sites }) {
      parts.push([from, tokens.length]);
      found.push(...sites.get('roberta.encoder.layer.1')!);
    },
  });
  expect(parts).toEqual([
    [0, 16],
    [16, 16],
    [32, 8],
  ]);
  expect(relativeDifference(found, whole.found[0].get('roberta.encoder.layer.1')!)).toBeLessThan(1e-5);
  expect(whole.passages.every(({ entropies }) => entropies.every(Number.isNaN))).toBe(true);
  await subject.release();
});

test('an encoder says that it can only be read, and neither generates nor predicts', async () => {
  expect(await describeSubject(encoderModels.bert)).toMatchObject({ readOnly: expect.stringContaining('encoder') });
  const subject = await loadSubject(encoderModels.bert, { threads: 1 });
  const request = { prompts: [Int32Array.of(7)], newTokens: 1, sampling: { method: 'greedy' } as const };
  await expect(subject.generate(request)).rejects.toThrow(/it is an encoder.*mode: read/);
  await subject.release();
  await expect(openLossSubject(encoderModels.bert, {})).rejects.toThrow(/predicts no text: it is an encoder/);
});

test('units of an encoder can be changed while it reads, a list of changes for each text', async () => {
  const site = 'distilbert.transformer.layer.0.ffn.activation';
  const subject = await loadSubject(encoderModels.distilbert, { threads: 1, interventions: { include: [site] } });
  const [, { inputIds }, { inputIds: short }] = readReference('distilbert');
  const width = 48;
  const scale = new Float32Array(2 * width).fill(1);
  scale[width + 3] = 0;
  const offset = new Float32Array(2 * width).fill(-0);
  offset[width + 3] = 2;
  const seen: number[][] = [[], []];
  await subject.read({
    texts: [inputIds, short],
    interventions: new Map([[site, { scale, offset }]]),
    onPassage: ({ text, sites, tokens }) => {
      for (let t = 0; t < tokens.length; t++) seen[text].push(sites.get(site)![t * width + 3]);
    },
  });
  expect(seen[1]).toEqual([2]);
  expect(seen[0]).not.toContain(2);
  await subject.release();
});

test('BERT’s first files call gains gamma and biases beta', async () => {
  const old = alteredCheckpoint('bert', {
    tensors: (all) =>
      renameTensors(all, (name) =>
        name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'),
      ),
  });
  const [{ inputIds, sites }] = readReference('bert');
  const subject = await loadSubject(old, { threads: 1, sites: { include: ['bert.encoder.layer.1'] } });
  const { found } = await readAll(subject, [inputIds]);
  const [[site, values]] = found[0];
  expect(relativeDifference(values, sites.get(site)!)).toBeLessThan(1e-4);
  await subject.release();
});

test('half floats are the nearest of what is read', async () => {
  const subject = await loadSubject(encoderModels.modernbert, { threads: 1, half: true });
  const seen: boolean[] = [];
  await subject.read({
    texts: [Int32Array.of(7, 8)],
    onPassage: ({ sites, halves }) => void seen.push(sites.size === 0 && halves!.get('decoder')!.length === 2 * 97),
  });
  expect(seen).toEqual([true]);
  await subject.release();
});

test('an encoder has a twin, whose decoder is its embeddings again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'galvani-twin-'));
  try {
    await writeTwin(encoderModels.bert, 1, folder);
    const [{ inputIds, sites }] = readReference('bert');
    const subject = await loadSubject(folder, { threads: 1 });
    const { found } = await readAll(subject, [inputIds]);
    const site = 'bert.encoder.layer.1';
    expect(relativeDifference(found[0].get(site)!, sites.get(site)!)).toBeGreaterThan(0.5);
    await subject.release();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
