import { expect, test } from 'vitest';
import { findArchitecture } from '../../src/architectures/registry.js';
import { createConfig } from '../../src/checkpoint/config.js';

const sizes = {
  ...{ vocab_size: 97, hidden_size: 32, intermediate_size: 48, num_hidden_layers: 4, num_attention_heads: 4 },
  ...{ num_key_value_heads: 2, max_position_embeddings: 64 },
};
const factsOf = (own: Record<string, unknown>) => {
  const config = createConfig({ ...sizes, ...own }, 'config.json');
  return findArchitecture(config).read(config);
};
const plain = (theta: number) => ({ rope_parameters: { rope_type: 'default', rope_theta: theta } });
const sliding = 'sliding_attention';
const full = 'full_attention';
const yarn = {
  ...{ rope_type: 'yarn', factor: 32, beta_fast: 32, beta_slow: 1, truncate: false },
  original_max_position_embeddings: 4096,
};

/** The same model as transformers 5 writes it, and as older files on the Hub do. */
test.each([
  [
    'mixtral',
    { ...plain(1e6), num_local_experts: 8, sliding_window: null },
    { rope_theta: 1e6, num_experts_per_tok: 2 },
  ],
  [
    'qwen2_moe',
    { ...plain(1e4), layer_types: [full, full, full, full], mlp_only_layers: [], num_experts: 60 },
    { rope_theta: 1e4, use_sliding_window: false, sliding_window: 4096, max_window_layers: 2, num_experts_per_tok: 4 },
  ],
  [
    'qwen2_moe',
    { use_sliding_window: true, sliding_window: 8, layer_types: [sliding, full, full, full] },
    { use_sliding_window: true, sliding_window: 8, max_window_layers: 2, decoder_sparse_step: 1 },
  ],
  [
    'qwen3_moe',
    { ...plain(1e6), num_experts: 16, mlp_only_layers: [1, 3], norm_topk_prob: true },
    { rope_theta: 1e6, num_local_experts: 16, mlp_only_layers: [3, 1], norm_topk_prob: true, rope_scaling: null },
  ],
  ['olmoe', { ...plain(1e4), num_experts: 64, clip_qkv: null }, { rope_theta: 1e4, num_experts_per_tok: 8 }],
  ['granitemoe', { ...plain(1e4), num_local_experts: 8 }, { rope_theta: 1e4, num_experts_per_tok: 2 }],
  [
    'gpt_oss',
    { rope_parameters: { ...yarn, rope_theta: 150000 }, layer_types: [sliding, full, sliding, full] },
    { rope_scaling: yarn, rope_theta: 150000 },
  ],
  ['gpt_oss', { rope_parameters: { ...yarn, rope_theta: 150000 } }, {}],
])('%s reads the same of both spellings', (type, now, before) => {
  expect(factsOf({ model_type: type, ...now })).toEqual(factsOf({ model_type: type, ...before }));
});

test('what is not built is refused with the field', () => {
  const refused = (own: Record<string, unknown>) => () => factsOf(own);
  expect(refused({ model_type: 'mixtral', num_experts_per_tok: 9 })).toThrow(/num_experts_per_tok is 9.*8 experts/);
  expect(refused({ model_type: 'olmoe', clip_qkv: 8 })).toThrow(/clip_qkv is 8/);
  expect(refused({ model_type: 'qwen3_moe', mlp_only_layers: 1 })).toThrow(/mlp_only_layers is 1.*list/);
});
