import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UserMistake } from '@galvani/terminal';
import { describe, expect, test } from 'vitest';
import { describeImported, type ImportedSubject, openImported } from '../../src/onnx-import/imported-subject.js';
import { greedy } from '../recording.js';
import { relativeDifference } from '../reference.js';
import { productsAreRight } from './eight-bit-products.js';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/rewritten/${name}/model.onnx`, import.meta.url));

/** What a forward hook on every module gave for one text. */
function readHooks(name: string) {
  const file = new URL(`fixtures/rewritten/${name}/hooks.json`, import.meta.url);
  const { text, modules } = JSON.parse(readFileSync(file, 'utf8')) as {
    text: number[];
    modules: Record<string, string>;
  };
  const hooks = Object.entries(modules).map(([path, coded]) => {
    const bytes = Uint8Array.from(Buffer.from(coded, 'base64'));
    return [path, new Float32Array(bytes.buffer)] as const;
  });
  return { text: Int32Array.from(text), hooks: new Map(hooks) };
}

async function readOnce(subject: ImportedSubject, text: Int32Array) {
  const found = new Map<string, Float32Array>();
  const scores: number[] = [];
  await subject.read({
    texts: [text],
    onPassage({ sites, logProbabilities, entropies }) {
      for (const [site, values] of sites) found.set(site, values.slice());
      scores.push(...logProbabilities, ...entropies);
    },
  });
  return { found, scores };
}

const rightProducts = await productsAreRight();

// Numbers of eight bits are a third off where attention is sharp; another module's are off by their own size.
describe.each([
  ['gpt2-quantized', 0.4, ['transformer.h.0', 'transformer.h.0.attn.c_attn', 'transformer.h.0.mlp.c_proj']],
  ['gemma2-quantized', 0.4, ['model.layers.0', 'model.layers.1.input_layernorm']],
  ['llama-optimized', 1e-4, ['model.layers.0.post_attention_layernorm', 'model.norm']],
  ['neox-optimized', 1e-4, ['gpt_neox.layers.0.mlp.dense_4h_to_h', 'gpt_neox.final_layer_norm']],
  ['bert-encoder', 1e-4, ['encoder.layer.0', 'encoder.layer.0.output.LayerNorm']],
  ['bert-classifier', 1e-4, ['bert.encoder.layer.0', 'bert.encoder.layer.0.output.LayerNorm']],
])('%s', (name, tolerance, some) => {
  // Where a processor's own products of eight bits are wrong, its numbers are no measure of which module a site is.
  test.skipIf(tolerance > 0.1 && !rightProducts)(
    'every site is what a hook on the module of its name gives, or is not there',
    async () => {
      const { text, hooks } = readHooks(name);
      const subject = await openImported(fixture(name), { threads: 1 });
      const { found } = await readOnce(subject, text);
      expect([...found.keys()]).toEqual(expect.arrayContaining(some));
      for (const [site, values] of found) {
        const expected = hooks.get({ logits: 'lm_head', last_hidden_state: 'encoder' }[site] ?? site);
        if (site === 'logits' && (name.startsWith('gemma2') || !expected)) continue;
        expect(expected, site).toBeDefined();
        expect(relativeDifference(values, expected!), site).toBeLessThan(tolerance);
      }
      await subject.release();
    },
  );
});

test('what a file does not say of its modules is told', async () => {
  const { unnamed, sites } = await describeImported(fixture('llama-optimized'));
  expect(unnamed!.nodes).toBeGreaterThan(50);
  expect(unnamed!.of).toBeGreaterThan(unnamed!.nodes);
  expect(unnamed!.missing).toEqual(expect.arrayContaining(['model.layers.0', 'model.layers.1']));
  expect(sites.map(({ name }) => name)).not.toContain('model.layers.0');
});

describe.each([
  ['bert-encoder', /its output last_hidden_state is not logits/],
  ['bert-classifier', /its output logits is not a row of numbers for each token/],
])('%s', (name, reason) => {
  test('is read without log probabilities, and nothing is generated from it', async () => {
    const subject = await openImported(fixture(name), { threads: 1 });
    expect(subject.readOnly).toMatch(reason);
    expect(subject.sites.map(({ kind }) => kind)).not.toContain('head');
    expect(subject.vocabularySize).toBe(29);
    const { text } = readHooks(name);
    const { scores } = await readOnce(subject, text);
    expect(scores).toEqual(Array(2 * text.length).fill(Number.NaN));
    const generated = subject.generate({ prompts: [text], newTokens: 1, sampling: greedy });
    await expect(generated).rejects.toThrow(UserMistake);
    await expect(generated).rejects.toThrow(/nothing can be generated.*mode: read/);
    await subject.release();
  });
});

test('a text’s numbers in a dynamically quantized file do not depend on the texts beside it', async () => {
  const { text } = readHooks('gpt2-quantized');
  const subject = await openImported(fixture('gpt2-quantized'), { threads: 1 });
  const logits: Float32Array[] = [];
  const other = Int32Array.from(text, (id) => 28 - id);
  for (const prompts of [[text], [other, text]])
    await subject.generate({
      prompts,
      newTokens: 1,
      sampling: greedy,
      onStep({ sites }) {
        logits.push(sites.get('logits')!.slice(-29));
      },
    });
  expect(logits[1]).toEqual(logits[0]);
  await subject.release();
});

test('a file that was exported in training mode is refused, with its nodes and the cure', async () => {
  const opened = openImported(fixture('gpt2-training'), { threads: 1 });
  await expect(opened).rejects.toThrow(UserMistake);
  await expect(opened).rejects.toThrow(/node_native_dropout.* and \d+ more.*model\.eval\(\)/);
});
