import { expect, test } from 'vitest';
import { findArchitecture } from '../../src/architectures/registry.js';
import { createConfig } from '../../src/checkpoint/config.js';

const factsOf = (own: Record<string, unknown>) => {
  const config = createConfig({ vocab_size: 97, ...own }, 'config.json');
  return findArchitecture(config).read(config);
};
const usual = { hidden_size: 32, num_hidden_layers: 2, num_attention_heads: 4, max_position_embeddings: 64 };

/** The same model as transformers 5 writes it, and as older files or those of other families do. */
test.each([
  ['openai-gpt', { n_embd: 32, n_layer: 2, n_head: 4, n_positions: 64, afn: 'gelu' }, { ...usual, n_ctx: 64 }],
  [
    'xglm',
    { d_model: 32, num_layers: 2, attention_heads: 4, max_position_embeddings: 64, ffn_dim: 4096 },
    { ...usual, scale_embedding: true },
  ],
  [
    'persimmon',
    { ...usual, rope_parameters: { rope_type: 'default', rope_theta: 25000, partial_rotary_factor: 0.5 } },
    { ...usual, rope_theta: 25000, rope_scaling: null },
  ],
])('%s reads the same of both spellings', (type, now, before) => {
  expect(factsOf({ model_type: type, ...now })).toEqual(factsOf({ model_type: type, ...before }));
});

test('the first GPT’s gelu is the approximation, and what it does not know is refused', () => {
  const own = { model_type: 'openai-gpt', ...usual };
  expect(factsOf(own)).toMatchObject({ activation: 'gelu_new' });
  expect(() => factsOf({ ...own, afn: 'gelu_new' })).toThrow(/afn is "gelu_new".*gelu, relu, silu, swish/);
  expect(() => factsOf({ ...own, n_embd: 30, hidden_size: null })).toThrow(/n_head.*30 is no multiple/);
  expect(() => factsOf({ model_type: 'xglm', ...usual, add_cross_attention: true })).toThrow(/add_cross_attention/);
});
