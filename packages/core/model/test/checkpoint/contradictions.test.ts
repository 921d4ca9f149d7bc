import { readFileSync } from 'node:fs';
import { UserMistake } from '@galvani/terminal';
import { describe, expect, test } from 'vitest';
import { digestSubject, loadSubject } from '../../src/index.js';
import { type Altered, alteredCheckpoint, type Entry, renameTensors } from '../altered-checkpoint.js';
import { relativeDifference } from '../reference.js';

interface Contradiction {
  name: string;
  model: string;
  config?: Record<string, unknown>;
  delete?: string[];
  drop?: string[];
  copy?: Record<string, string>;
  rename?: Record<string, string>;
  ramp?: Record<string, number[]>;
  logits: number[];
}

const fixture = new URL('../fixtures/contradictions/contradictions.json', import.meta.url);
const { ids, cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { ids: number[]; cases: Contradiction[] };

/** A tensor that holds sin(0), sin(1) and so on, as the fixture's script makes it. */
function ramp(shape: number[]): Entry {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i));
  return { dtype: 'F32', shape, data: Buffer.from(values.buffer) };
}

/** The last position's logits. */
async function logitsOf(folder: string): Promise<Float32Array> {
  const subject = await loadSubject(folder, { threads: 1, sites: 'lm_head' });
  try {
    let last = new Float32Array();
    await subject.read({
      texts: [Int32Array.from(ids)],
      onPassage({ sites }) {
        last = sites.get('lm_head')!.slice(-subject.vocabularySize);
      },
    });
    return last;
  } finally {
    await subject.release();
  }
}

function contradict(change: Omit<Contradiction, 'name' | 'logits'>): string {
  const altered: Altered = {
    config(json) {
      Object.assign(json, change.config);
      for (const field of change.delete ?? []) delete json[field];
    },
    tensors(all) {
      for (const name of change.drop ?? []) all.delete(name);
      for (const [to, from] of Object.entries(change.copy ?? {})) all.set(to, all.get(from)!);
      for (const [to, from] of Object.entries(change.rename ?? {}))
        renameTensors(all, (name) => (name === from ? to : name));
      for (const [name, shape] of Object.entries(change.ramp ?? {})) all.set(name, ramp(shape));
    },
  };
  return alteredCheckpoint(change.model, altered);
}

describe('a config.json that contradicts itself or the weights gives what transformers gives', () => {
  test.each(cases)('$name', async ({ logits, ...change }) => {
    const found = await logitsOf(contradict(change));
    expect(relativeDifference(found, Float32Array.from(logits))).toBeLessThan(1e-4);
  });
});

describe('a config.json without a meaning is refused', () => {
  const yarn = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 16 };
  const head = { 'lm_head.weight': [97, 32] };
  test.each<[string, Omit<Contradiction, 'name' | 'logits'>, RegExp]>([
    [
      'a lost rope_theta',
      { model: 'llama-gqa', config: { rope_scaling: yarn, rope_parameters: { rope_theta: 1e6 } } },
      /rope_scaling .* rope_theta 1000000 would be lost/,
    ],
    [
      'embeddings by kind of block',
      { model: 'qwen2', config: { rope_parameters: { full_attention: yarn } } },
      /rope_parameters\.full_attention .* differ from block to block/,
    ],
    [
      'a scaled embedding of part of a head',
      { model: 'llama-gqa', config: { rope_scaling: { ...yarn, partial_rotary_factor: 0.5 } } },
      /rope_scaling\.partial_rotary_factor is 0\.5, and a head that is turned in part/,
    ],
    [
      'a stretch by nothing',
      { model: 'llama-gqa', config: { rope_scaling: { ...yarn, factor: 0 } } },
      /config\.json: rope_scaling\.factor is 0 and has to be a number above 0/,
    ],
    [
      'a linear stretch by less than nothing',
      { model: 'llama-gqa', config: { rope_scaling: { rope_type: 'linear', factor: -2 } } },
      /rope_scaling\.factor is -2 and has to be a number above 0/,
    ],
    [
      'a stretch beyond float32',
      { model: 'llama-gqa', config: { rope_scaling: { rope_type: 'linear', factor: 1e-50 } } },
      /rope_scaling is .*1e-50.*, which makes rotary embeddings that are not finite numbers/,
    ],
    [
      'an attention factor beyond float32',
      { model: 'llama-gqa', config: { rope_scaling: { ...yarn, attention_factor: 1e39 } } },
      /rope_scaling is .*1e\+39.*, which makes rotary embeddings/,
    ],
    [
      'no base',
      { model: 'gpt-neox', config: { rope_parameters: { rope_theta: 0 } } },
      /rope_theta is 0 and has to be a number above 0/,
    ],
    [
      'a norm of negative epsilon',
      { model: 'llama-gqa', config: { rms_norm_eps: -1 } },
      /rms_norm_eps is -1 and has to be a number of 0 or more/,
    ],
    ['no causality', { model: 'llama-gqa', config: { is_causal: false } }, /is_causal is false/],
    ['another head size', { model: 'gpt-neox', config: { head_dim: 16 } }, /head_dim is 16, and .* make it 8/],
    [
      'sliding blocks without a window',
      {
        model: 'qwen2',
        config: {
          sliding_window: 8,
          use_sliding_window: false,
          layer_types: ['sliding_attention', 'full_attention'],
        },
      },
      /layer_types .* there is no sliding window/,
    ],
    [
      'sliding blocks and a null window',
      { model: 'gemma2', config: { sliding_window: null, layer_types: ['sliding_attention', 'full_attention'] } },
      /layer_types .* there is no sliding window/,
    ],
    ['a bound of nothing', { model: 'gemma2', config: { attn_logit_softcapping: 0 } }, /attn_logit_softcapping is 0/],
    ['two sizes', { model: 'gpt2', config: { hidden_size: 16 } }, /hidden_size is 16, and n_embd, .* is 32/],
    ['two heads', { model: 'gpt-neox', ramp: head }, /lm_head\.weight and embed_out\.weight, which are two names/],
    ['neither table', { model: 'gpt2', drop: ['transformer.wte.weight'] }, /hold no tensor transformer\.wte\.weight/],
    [
      'a head of another size',
      { model: 'gpt2', ramp: { 'lm_head.weight': [50, 32] } },
      /lm_head\.weight has the shape \[50, 32\]/,
    ],
    [
      'a bias that is asked for',
      { model: 'llama-gqa', config: { attention_bias: true } },
      /no tensor model\.layers\.0\.self_attn\.q_proj\.bias, which config\.json asks for/,
    ],
    [
      'one bias of many',
      { model: 'opt-relu', drop: ['model.decoder.layers.1.fc2.bias'] },
      /no tensor model\.decoder\.layers\.1\.fc2\.bias/,
    ],
    [
      'the first bias of many',
      { model: 'opt-relu', delete: ['enable_bias'], drop: ['model.decoder.layers.0.fc1.bias'] },
      /no tensor model\.decoder\.layers\.0\.fc1\.bias/,
    ],
    [
      'one bias of GPT-2',
      { model: 'gpt2', drop: ['transformer.h.1.mlp.c_fc.bias'] },
      /no tensor transformer\.h\.1\.mlp\.c_fc\.bias/,
    ],
  ])('%s', async (_, change, sentence) => {
    const loaded = logitsOf(contradict(change));
    await expect(loaded).rejects.toThrow(UserMistake);
    await expect(loaded).rejects.toThrow(sentence);
  });
});

test('config.json in another encoding, or not a file, is a mistake', async () => {
  const folder = alteredCheckpoint('gpt2', {});
  const { mkdirSync, rmSync, writeFileSync } = await import('node:fs');
  writeFileSync(`${folder}/config.json`, Buffer.from([0x7b, 0x22, 0xe9, 0x22, 0x3a, 0x31, 0x7d]));
  await expect(digestSubject(folder)).rejects.toThrow(/config\.json:1:3: the byte 0xE9 is not UTF-8/);
  rmSync(`${folder}/config.json`);
  mkdirSync(`${folder}/config.json`);
  await expect(digestSubject(folder)).rejects.toThrow(/config\.json is a folder, not a file/);
});
