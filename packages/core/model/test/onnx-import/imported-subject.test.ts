import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeModel, elementType, encodeModel, graphNode } from '@galvani/onnx';
import { describe, expect, test } from 'vitest';
import type { Passage } from '../../src/forward/read.js';
import { describeSubject } from '../../src/load-subject.js';
import { roundsToEightBits } from '../../src/onnx-import/graph-flow.js';
import { examineImported } from '../../src/onnx-import/imported-model.js';
import { describeImported, openImported } from '../../src/onnx-import/imported-subject.js';
import { selfCheck } from '../../src/self-check.js';
import type { Subject } from '../../src/subject.js';
import { greedy, record } from '../recording.js';
import { readReference, referenceModels, relativeDifference } from '../reference.js';
import { fixture } from './exported-file.js';

describe.each([
  ['gpt2-plain', 'gpt2', 'torch’s older exporter, no cached keys and values'],
  ['opt-past', 'opt-galactica', 'cached keys and values, as Optimum has them'],
  ['llama-past', 'llama-gqa', 'cached keys and values and positions as an input'],
  ['gpt2-dynamo', 'gpt2', 'torch’s newer exporter'],
  ['gpt2-external', 'gpt2', 'weights in a file of their own'],
  ['opt-merged', 'opt-galactica', 'a merged decoder with two branches'],
])('%s (%s: %s)', (name, model) => {
  test('has transformers’ sites, tokens and numbers, in a batch of unequal prompts', async () => {
    const reference = readReference(model);
    const subject = await openImported(fixture(name), { threads: 1 });
    expect(subject.check.logits).toBe(0);
    expect(subject.check.activations).toBeLessThan(1e-5);
    expect(subject.sites.map((s) => s.name).sort()).toEqual([...reference[0].sites.keys()].sort());
    const newTokens = reference[0].generated.length;
    const prompts = [...reference, reference[1]].map((p) => p.inputIds);
    const { tokens, activations } = await record(subject, prompts, newTokens);
    for (const [p, { generated, sites }] of [...reference, reference[1]].entries()) {
      expect(tokens[p]).toEqual(generated);
      for (const [site, expected] of sites)
        expect(relativeDifference(activations[p].get(site)!, expected), site).toBeLessThan(1e-4);
    }
    await subject.release();
  });
});

test('a file of onnxruntime-genai’s builder has transformers’ modules, but for the fused ones', async () => {
  const reference = readReference('qwen3');
  const subject = await openImported(fixture('qwen3-built'), { threads: 1 });
  expect(subject.check.logits).toBe(0);
  const found = subject.sites.map(({ name }) => name);
  const fused = /self_attn\.[qkv]_proj$/;
  expect(found.filter((name) => !/qkv_proj/.test(name)).sort()).toEqual(
    [...reference[0].sites.keys()].filter((name) => !fused.test(name)).sort(),
  );
  const newTokens = reference[0].generated.length;
  const { tokens, activations } = await record(
    subject,
    reference.map(({ inputIds }) => inputIds),
    newTokens,
  );
  for (const [p, { generated, sites }] of reference.entries()) {
    expect(tokens[p]).toEqual(generated);
    for (const [site, expected] of sites)
      if (!fused.test(site)) expect(relativeDifference(activations[p].get(site)!, expected), site).toBeLessThan(1e-4);
  }
  await subject.release();
});

test.each([
  ['llama-past', 'llama-gqa', 0],
  ['opt-past', 'opt-galactica', 97 * 32],
  ['opt-half', 'opt-galactica', 97 * 32],
])('the weights and the cache of %s are those of its checkpoint, but for a tied head', async (name, model, head) => {
  const [file, checkpoint] = [await describeImported(fixture(name)), await describeSubject(referenceModels[model])];
  expect(file.weightBytes).toBe(checkpoint.weightBytes + 4 * head);
  expect(file.cacheBytes).toBe(checkpoint.cacheBytes);
});

test('a file is described without loading it as a subject', async () => {
  const { sites, unitsPerToken, vocabularySize, name } = await describeImported(fixture('gpt2-plain'), {
    include: ['*.mlp.*', 'transformer.h.?', 'lm_head'],
  });
  expect(name).toBe('gpt2-plain');
  expect(vocabularySize).toBe(97);
  expect(sites.length).toBe(3 * 3 + 3 + 1);
  expect(unitsPerToken).toBe(3 * (128 + 128 + 32 + 32) + 97);
});

test('a float16 file gives float16’s rounding of the same activations', async () => {
  const [{ inputIds, generated, sites }] = readReference('opt-galactica');
  const subject = await openImported(fixture('opt-half'), { threads: 1 });
  expect(subject.check.logits).toBe(0);
  const { tokens, activations } = await record(subject, [inputIds], generated.length);
  expect(tokens).toEqual([generated]);
  for (const [site, expected] of sites) {
    const difference = relativeDifference(activations[0].get(site)!, expected);
    expect(difference, site).toBeLessThan(0.03);
    expect(difference, site).toBeGreaterThan(0);
  }
  await subject.release();
});

test('a float16 file that onnxruntime opens only if it may rewrite it is opened', async () => {
  const held = decodeModel(readFileSync(fixture('opt-half')));
  // A conversion to what it is already, as torch's exporter writes it of GPT-2.
  const product = held.graph.node.find(({ name }) => name?.endsWith('/layers.0/self_attn/q_proj/MatMul'))!;
  const [output] = product.output;
  product.output = [`${output}:given`];
  const name = product.name!.replace(/MatMul$/, 'Cast');
  const cast = { ...graphNode('Cast', product.output, [output], { to: elementType.float16 }), name };
  held.graph.node.splice(held.graph.node.indexOf(product) + 1, 0, cast);
  const folder = mkdtempSync(join(tmpdir(), 'galvani-half-'));
  const path = join(folder, 'model.onnx');
  writeFileSync(path, encodeModel(held));
  expect((await examineImported(path, 'cpu', 1)).levels).toEqual(['all', 'basic']);
  const [subject, plain] = await Promise.all(
    [path, fixture('opt-half')].map((each) => openImported(each, { threads: 1 })),
  );
  const prompts = [Int32Array.of(5, 6, 7)];
  expect((await record(subject, prompts, 3)).tokens).toEqual((await record(plain, prompts, 3)).tokens);
  expect(subject.sites).toEqual(plain.sites);
  for (const each of [subject, plain]) await each.release();
  rmSync(folder, { recursive: true });
});

test('of a float16 file the self-check takes float16’s rounding for what it is, and no more', async () => {
  const path = fixture('opt-half');
  const subject = await openImported(path, { threads: 1 });
  const [{ inputIds }] = readReference('opt-galactica');
  const site = 'model.decoder.layers.1.fc1';
  const checkBent = (share: number) => {
    const generate: Subject['generate'] = (request) =>
      subject.generate({
        ...request,
        onStep(step) {
          const values = step.sites.get(site)!;
          if (request.prompts.length > 1) values[3] += share * values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
          return request.onStep?.(step);
        },
      });
    return selfCheck(path, [inputIds, inputIds], { subject: { ...subject, generate }, threads: 1 });
  };
  expect((await checkBent(0.01)).difference).toBeGreaterThan(1e-3);
  await expect(checkBent(0.2)).rejects.toThrow(/layers\.1\.fc1 differs by .* and rounding explains 0\.05/);
  await subject.release();
});

test('products that round what they are given to eight bits count as coarse', () => {
  const product = (level: number) => graphNode('MatMulNBits', ['x', 'w', 's'], ['y'], { accuracy_level: level });
  expect([0, 1, 4].map((level) => roundsToEightBits(product(level)))).toEqual([false, false, true]);
  expect(roundsToEightBits(graphNode('QuantizeLinear', ['x', 's'], ['y']))).toBe(true);
  expect(roundsToEightBits(graphNode('DequantizeLinear', ['x', 's'], ['y']))).toBe(false);
});

test('log probabilities and entropies are those of the logits', async () => {
  const [{ inputIds, sites }] = readReference('gpt2');
  const subject = await openImported(fixture('gpt2-plain'), { sites: { include: ['lm_head'] }, threads: 1 });
  const logits = sites.get('lm_head')!.subarray(0, 97);
  const largest = Math.max(...logits);
  const sum = logits.reduce((total, x) => total + Math.exp(x - largest), 0);
  const logProbabilities = [...logits].map((x) => x - largest - Math.log(sum));
  const entropy = -logProbabilities.reduce((total, l) => total + Math.exp(l) * l, 0);
  await subject.generate({
    prompts: [inputIds],
    newTokens: 1,
    sampling: greedy,
    distributions: true,
    onStep({ distributions, entropies }) {
      expect(relativeDifference(distributions!, logProbabilities)).toBeLessThan(1e-4);
      expect(entropies[0]).toBeCloseTo(entropy, 4);
    },
  });
  await subject.release();
});

describe.each([
  ['gpt2-plain', 'gpt2'],
  ['llama-past', 'llama-gqa'],
])('reading with %s', (name, model) => {
  test('gives at every position what generating gives when it gets there', async () => {
    const [{ inputIds, generated, sites }] = readReference(model);
    const text = Int32Array.of(...inputIds, ...generated.slice(0, -1));
    const subject = await openImported(fixture(name), { threads: 1 });
    let read = 0;
    await subject.read({
      texts: [text, text.slice(0, 2)],
      onPassage({ text: index, from, tokens, sites: activations, logProbabilities, entropies }) {
        read++;
        expect(from).toBe(0);
        expect(logProbabilities[0]).toBeNaN();
        expect(logProbabilities.slice(1).every((l) => l < 0)).toBe(true);
        expect(entropies.every((e) => e > 0)).toBe(true);
        if (index > 0) return expect(tokens.length).toBe(2);
        for (const [site, expected] of sites) {
          const width = expected.length / generated.length;
          const found = activations.get(site)!.subarray((inputIds.length - 1) * width);
          expect(relativeDifference(found, expected), site).toBeLessThan(1e-4);
        }
      },
    });
    expect(read).toBe(2);
    await subject.release();
  });

  test('gives for texts of unequal length what it gives for each alone', async () => {
    const subject = await openImported(fixture(name), { threads: 1 });
    const texts = [3, 9, 1, 40, 12, 7].map((n) =>
      Int32Array.from({ length: n }, (_, i) => 4 + ((n * 31 + i * 17) % 90)),
    );
    const passagesOf = async (own: Int32Array[]) => {
      const out: Passage[] = [];
      const copied = ({ sites, ...rest }: Passage) => ({
        ...rest,
        sites: new Map([...sites].map(([site, values]) => [site, values.slice()])),
      });
      await subject.read({ texts: own, onPassage: (passage) => void out.push(copied(passage)) });
      return out;
    };
    const together = await passagesOf(texts);
    expect(together.map(({ text, from }) => [text, from])).toEqual(texts.map((_, i) => [i, 0]));
    for (const [i, text] of texts.entries()) {
      const [alone] = await passagesOf([text]);
      expect(together[i].tokens).toEqual(text);
      expect(together[i].logProbabilities[0]).toBeNaN();
      for (const [site, expected] of alone.sites)
        expect(relativeDifference(together[i].sites.get(site)!, expected), site).toBeLessThan(1e-5);
      for (const part of ['logProbabilities', 'entropies'] as const)
        expect(relativeDifference(together[i][part].slice(1), alone[part].slice(1)) || 0).toBeLessThan(1e-5);
    }
    await subject.release();
  });
});
