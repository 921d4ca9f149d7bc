import { describe, expect, test } from 'vitest';
import { findArchitecture } from '../../src/architectures/registry.js';
import { createConfig } from '../../src/checkpoint/config.js';

const sizes = {
  ...{ vocab_size: 97, hidden_size: 32, intermediate_size: 48, num_hidden_layers: 6, num_attention_heads: 4 },
  ...{ num_key_value_heads: 2, head_dim: 16, max_position_embeddings: 64 },
};
const factsOf = (own: Record<string, unknown>) => {
  const config = createConfig({ ...sizes, ...own }, 'config.json');
  return findArchitecture(config).read(config);
};
const plain = { rope_type: 'default' };
const sliding = 'sliding_attention';
const full = 'full_attention';

/** The same model as transformers 5 writes it, and as older files on the Hub do. */
const spellings: [string, Record<string, unknown>, Record<string, unknown>][] = [
  [
    'gemma3_text',
    {
      layer_types: [sliding, sliding, full, sliding, sliding, full],
      rope_parameters: {
        [full]: { rope_type: 'linear', factor: 8, rope_theta: 1e6 },
        [sliding]: { ...plain, rope_theta: 1e4 },
      },
      sliding_window: 8,
    },
    {
      sliding_window_pattern: 3,
      rope_scaling: { rope_type: 'linear', factor: 8 },
      rope_theta: 1e6,
      rope_local_base_freq: 1e4,
      sliding_window: 8,
    },
  ],
  [
    'olmo3',
    {
      layer_types: [sliding, sliding, sliding, full, sliding, sliding],
      rope_parameters: {
        [full]: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 16, rope_theta: 5e5 },
        [sliding]: { ...plain, rope_theta: 5e5 },
      },
      sliding_window: 8,
    },
    {
      rope_scaling: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 16 },
      rope_theta: 5e5,
      sliding_window: 8,
    },
  ],
  [
    'smollm3',
    { no_rope_layers: [1, 1, 1, 0, 1, 1], rope_parameters: { ...plain, rope_theta: 5e6 } },
    { no_rope_layer_interval: 4, rope_theta: 5e6, rope_scaling: null },
  ],
  ['granite', { rope_parameters: { ...plain, rope_theta: 1e4 } }, { rope_theta: 1e4, rope_scaling: null }],
  [
    'exaone4',
    { layer_types: [sliding, sliding, full, sliding, sliding, full], sliding_window: 8 },
    { sliding_window_pattern: 3, sliding_window: 8 },
  ],
];

describe.each(spellings)('%s', (type, now, before) => {
  test('reads the same of both spellings', () => {
    expect(factsOf({ model_type: type, ...now })).toEqual(factsOf({ model_type: type, ...before }));
  });
});

test('what a family does not build is refused with the field', () => {
  const refused = (own: Record<string, unknown>) => () => factsOf(own);
  expect(refused({ model_type: 'gemma3_text', rope_parameters: plain })).toThrow(
    /rope_parameters\.rope_type is "default", and this family says it for full_attention and sliding_attention/,
  );
  expect(refused({ model_type: 'smollm3', no_rope_layers: [1, 0] })).toThrow(/no_rope_layers.*each of the 6 blocks/);
  expect(refused({ model_type: 'olmo3', layer_types: [full] })).toThrow(/layer_types.*each of the 6 blocks/);
});
