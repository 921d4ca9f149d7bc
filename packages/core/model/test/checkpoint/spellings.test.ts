import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findArchitecture } from '../../src/architectures/registry.js';
import { createConfig, readConfig } from '../../src/checkpoint/config.js';
import { alteredCheckpoint } from '../altered-checkpoint.js';

const sizes = {
  ...{ vocab_size: 97, hidden_size: 32, intermediate_size: 48, num_hidden_layers: 6, num_attention_heads: 4 },
  ...{ num_key_value_heads: 2, head_dim: 16, max_position_embeddings: 64 },
};
/** `sizes` under GPT-2's names for them. */
const gptSizes = { n_embd: 32, n_layer: 6, n_head: 4, n_positions: 64 };
const factsOf = (own: Record<string, unknown>) => {
  const config = createConfig({ ...sizes, ...own }, 'config.json');
  return findArchitecture(config).read(config);
};
const plain = { rope_type: 'default' };
const sliding = 'sliding_attention';
const full = 'full_attention';

const llama3 = {
  ...{ rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 },
  original_max_position_embeddings: 8192,
};
const long = { short_factor: new Array(8).fill(1.5), long_factor: new Array(8).fill(3) };

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
  [
    'gpt_neo',
    { num_layers: 6, num_heads: 4, attention_types: [[['global', 'local'], 3]], intermediate_size: null },
    {
      ...{ num_layers: null, num_heads: null },
      attention_types: [
        [['global', 'local', 'global', 'local'], 1],
        [['global', 'local'], 1],
      ],
      intermediate_size: 128,
    },
  ],
  ['gptj', { ...gptSizes, rotary_dim: 4 }, { rotary_dim: 4 }],
  ['codegen', { ...gptSizes, rotary_dim: 4, n_inner: null }, { rotary_dim: 4, n_ctx: 64 }],
  [
    'phi',
    { rope_parameters: { ...plain, rope_theta: 1e4, partial_rotary_factor: 0.25 } },
    { rope_theta: 1e4, partial_rotary_factor: 0.25, rope_scaling: null },
  ],
  ['gpt_bigcode', gptSizes, { attention_softmax_in_fp32: true }],
  [
    'phi3',
    {
      original_max_position_embeddings: 32,
      rope_parameters: { ...long, rope_type: 'longrope', rope_theta: 500, original_max_position_embeddings: 32 },
    },
    { original_max_position_embeddings: 32, rope_scaling: { ...long, type: 'su' }, rope_theta: 500 },
  ],
  [
    'cohere2',
    { head_dim: 8, layer_types: [sliding, sliding, sliding, full, sliding, sliding], sliding_window: 8 },
    { head_dim: null, sliding_window_pattern: 4, sliding_window: 8 },
  ],
  [
    'apertus',
    { rope_parameters: { ...llama3, rope_theta: 12e6 } },
    { rope_scaling: { ...llama3, type: 'llama3' }, rope_theta: 12e6 },
  ],
  ['apertus', { rope_parameters: { ...llama3, rope_theta: 12e6 } }, {}],
  [
    'hunyuan_v1_dense',
    { rope_parameters: { rope_type: 'dynamic', alpha: 1000, factor: 1, rope_theta: 1e4 } },
    { rope_scaling: { type: 'dynamic', alpha: 1000, factor: 1, mscale: 1 }, rope_theta: 1e4 },
  ],
  [
    'stablelm',
    { num_key_value_heads: 4, rope_parameters: { ...plain, partial_rotary_factor: 0.5, rope_theta: 1e4 } },
    { num_key_value_heads: 4, partial_rotary_factor: 0.5, rope_theta: 1e4 },
  ],
  [
    'nemotron',
    { rope_parameters: { ...plain, partial_rotary_factor: 0.5, rope_theta: 1e4 } },
    { rope_theta: 1e4, rope_scaling: null },
  ],
  [
    'ministral3',
    {
      rope_parameters: {
        ...{ rope_type: 'yarn', rope_theta: 1e6, factor: 16, original_max_position_embeddings: 16384 },
        ...{ beta_fast: 32, beta_slow: 1, mscale: 1, mscale_all_dim: 1, llama_4_scaling_beta: 0.1 },
      },
    },
    {},
  ],
  [
    'cwm',
    {
      layer_types: [full, sliding, sliding, sliding, full, sliding],
      rope_parameters: { ...llama3, factor: 16, rope_theta: 1e6 },
    },
    {},
  ],
  [
    'gemma3',
    {
      text_config: {
        ...{ model_type: 'gemma3_text', vocab_size: 262208, hidden_size: 2560, intermediate_size: 10240 },
        ...{ num_hidden_layers: 6, num_attention_heads: 8, num_key_value_heads: 4, head_dim: 256 },
        layer_types: [sliding, sliding, sliding, sliding, sliding, full],
        rope_parameters: {
          [full]: { rope_type: 'linear', factor: 8, rope_theta: 1e6 },
          [sliding]: { ...plain, rope_theta: 1e4 },
        },
        sliding_window: 1024,
      },
    },
    {
      text_config: {
        ...{ hidden_size: 2560, intermediate_size: 10240, num_hidden_layers: 6, sliding_window: 1024 },
        rope_scaling: { rope_type: 'linear', factor: 8 },
      },
    },
  ],
  [
    'bloom',
    { n_layer: 6, n_head: 4, num_hidden_layers: null, num_attention_heads: null, seq_length: 64 },
    { n_embed: 32, hidden_size: null, seq_length: 64 },
  ],
  [
    'mpt',
    { d_model: 32, n_layers: 6, n_heads: 4, attn_config: null },
    { attn_config: { alibi: true, clip_qkv: null } },
  ],
  [
    'falcon',
    { num_kv_heads: 2, new_decoder_architecture: true, rope_parameters: { ...plain, rope_theta: 1e4 } },
    {
      ...{ n_layer: 6, n_head: 4, n_head_kv: 2, n_embed: 32, num_hidden_layers: null, num_attention_heads: null },
      ...{ hidden_size: null, new_decoder_architecture: true },
    },
  ],
  [
    'qwen2_5_vl',
    {
      text_config: { ...sizes, rope_parameters: { ...plain, rope_theta: 1e6, mrope_section: [2, 3, 3] } },
      tie_word_embeddings: true,
    },
    { rope_theta: 1e6, rope_scaling: { type: 'mrope', mrope_section: [2, 3, 3] }, tie_word_embeddings: true },
  ],
  [
    'modernbert',
    {
      layer_types: [full, sliding, sliding, full, sliding, sliding],
      rope_parameters: { [full]: { ...plain, rope_theta: 8e4 }, [sliding]: { ...plain, rope_theta: 1e4 } },
    },
    { global_attn_every_n_layers: 3, global_rope_theta: 8e4, local_rope_theta: 1e4 },
  ],
  [
    'qwen3_5_text',
    {
      layer_types: [...Array(2).fill('linear_attention'), full, ...Array(2).fill('linear_attention'), full],
      rope_parameters: {
        ...plain,
        rope_theta: 1e7,
        partial_rotary_factor: 0.5,
        mrope_section: [1, 1, 2],
        mrope_interleaved: true,
      },
    },
    {
      ...{ full_attention_interval: 3, rope_theta: 1e7, partial_rotary_factor: 0.5 },
      rope_scaling: { type: 'mrope', mrope_section: [1, 1, 2] },
    },
  ],
  [
    'qwen3_next',
    {
      ...{
        layer_types: ['linear_attention', full, 'linear_attention', full, 'linear_attention', full],
        num_experts: 8,
        num_experts_per_tok: 8,
      },
      rope_parameters: { ...plain, rope_theta: 1e7, partial_rotary_factor: 0.25 },
    },
    { full_attention_interval: 2, num_experts: 8, num_experts_per_tok: 8, rope_theta: 1e7, mlp_only_layers: [] },
  ],
  [
    'gemma4_text',
    {
      ...{
        layer_types: [sliding, sliding, sliding, sliding, sliding, full],
        sliding_window: 8,
        hidden_size_per_layer_input: 0,
      },
      per_layer_config: { 5: { head_dim: 32, num_key_value_heads: 1 } },
      attention_k_eq_v: true,
      rope_parameters: {
        [full]: { rope_type: 'proportional', partial_rotary_factor: 0.25, rope_theta: 1e6 },
        [sliding]: { ...plain, rope_theta: 1e4 },
      },
    },
    {
      ...{ sliding_window: 8, global_head_dim: 32, num_global_key_value_heads: 1, attention_k_eq_v: true },
      ...{ hidden_size_per_layer_input: null, rope_parameters: null },
    },
  ],
  [
    'gemma4',
    {
      text_config: {
        ...{ ...sizes, model_type: 'gemma4_text', hidden_size_per_layer_input: 4, vocab_size_per_layer_input: 97 },
        ...{ layer_types: [sliding, full, sliding, full, sliding, full], num_kv_shared_layers: 2 },
        per_layer_config: { 1: { head_dim: 512 }, 3: { head_dim: 512 }, 5: { head_dim: 512 } },
      },
    },
    {
      text_config: {
        ...{ ...sizes, hidden_size_per_layer_input: 4, vocab_size_per_layer_input: 97, num_global_key_value_heads: 1 },
        // The last block sees all.
        ...{ layer_types: [sliding, full, sliding, full, sliding, sliding], num_kv_shared_layers: 2 },
        use_bidirectional_attention: 'vision',
      },
    },
  ],
  [
    'lfm2',
    {
      ...{ layer_types: ['conv', 'conv', full, 'conv', full, 'conv'], block_auto_adjust_ff_dim: false },
      ...{ intermediate_size: 256, rope_parameters: { ...plain, rope_theta: 1e6 } },
    },
    { full_attn_idxs: [2, 4], block_ff_dim: 300, rope_theta: 1e6, tie_embedding: true },
  ],
  ['mamba', { time_step_rank: 2, intermediate_size: 64, expand: 3 }, { intermediate_size: null, expand: 2 }],
  [
    'gemma4_unified_text',
    { sliding_window: 1024, per_layer_config: { 5: { head_dim: 512 } }, max_position_embeddings: 2048 },
    { global_head_dim: 512, max_position_embeddings: 2048, use_bidirectional_attention: 'vision' },
  ],
  [
    'falcon_mamba',
    { time_step_rank: 2, intermediate_size: 64, expand: 2, mixer_rms_eps: 1e-6 },
    { intermediate_size: null, expand: 2 },
  ],
  ['falcon_mamba', { intermediate_size: 64, expand: 2 }, { intermediate_size: 64, expand: 16 }],
  [
    'smollm3',
    { layer_types: [full, sliding, full, full, full, full], sliding_window: 4, use_sliding_window: true },
    { layer_types: [full, sliding, full, full, full, full], sliding_window: 4, use_sliding_window: false },
  ],
  [
    'mamba2',
    { num_heads: 8, head_dim: 8, time_step_limit: [0, { __float__: 'Infinity' }], tie_word_embeddings: false },
    { num_heads: 8, head_dim: 8, n_groups: 8, time_step_limit: null },
  ],
];

describe.each(spellings)('%s', (type, now, before) => {
  test('reads the same of both spellings', () => {
    expect(factsOf({ model_type: type, ...now })).toEqual(factsOf({ model_type: type, ...before }));
  });
});

test('heads of Cohere 2 may be of another size than hidden_size makes them', () => {
  expect(factsOf({ model_type: 'cohere2' })).toMatchObject({ hiddenSize: 32, heads: 4, headSize: 16 });
});

test('what a family does not build is refused with the field', () => {
  const refused = (own: Record<string, unknown>) => () => factsOf(own);
  expect(refused({ model_type: 'gemma3_text', rope_parameters: plain })).toThrow(
    /rope_parameters\.rope_type is "default", and this family says it for full_attention and sliding_attention/,
  );
  expect(refused({ model_type: 'smollm3', no_rope_layers: [1, 0] })).toThrow(/no_rope_layers.*each of the 6 blocks/);
  expect(refused({ model_type: 'olmo3', layer_types: [full] })).toThrow(/layer_types.*each of the 6 blocks/);
  expect(refused({ model_type: 'gpt_neo', attention_types: [[['global'], 5]] })).toThrow(
    /attention_types.*makes 5 blocks, and num_layers makes them 6/,
  );
  expect(refused({ model_type: 'gpt_neo', attention_types: [[['sparse'], 6]] })).toThrow(/attention_types/);
  expect(refused({ model_type: 'gpt_neo', num_layers: 5 })).toThrow(/num_hidden_layers is 6, and num_layers.*is 5/);
  expect(refused({ model_type: 'gptj', rotary_dim: null })).toThrow(/rotary_dim is absent, and a number/);
  expect(refused({ model_type: 'gptj', rotary_dim: 10 })).toThrow(/rotary_dim is 10.*at most 8/);
  expect(refused({ model_type: 'codegen', num_attention_heads: 2, rotary_dim: 4 })).toThrow(/n_head.*4 groups/);
  expect(refused({ model_type: 'phi', partial_rotary_factor: 0.2 })).toThrow(/would turn 3 of a head's 16/);
  expect(refused({ model_type: 'gpt_bigcode', add_cross_attention: true })).toThrow(/add_cross_attention/);
  for (const [field, value] of Object.entries({ alibi: false, qk_ln: true, alibi_bias_max: 16, prefix_lm: true }))
    expect(refused({ model_type: 'mpt', attn_config: { [field]: value } })).toThrow(`attn_config.${field} is ${value}`);
  expect(refused({ model_type: 'mpt', no_bias: false })).toThrow(/no_bias is false/);
  expect(refused({ model_type: 'mpt', logit_scale: 'inv_sqrt_d_model' })).toThrow(/logit_scale/);
  expect(refused({ model_type: 'falcon', new_decoder_architecture: true, parallel_attn: false })).toThrow(
    /parallel_attn is false/,
  );
  expect(refused({ model_type: 'falcon', num_ln_in_parallel_attn: 2 })).toThrow(/num_ln_in_parallel_attn is 2/);
  expect(refused({ model_type: 'falcon', multi_query: false, num_kv_heads: 2 })).toThrow(/num_kv_heads is 2/);
  expect(refused({ model_type: 'phi3', rope_scaling: { type: 'longrope', short_factor: [1, 2] } })).toThrow(
    /rope_scaling\.short_factor.*a list of 8 positive numbers/,
  );
  expect(refused({ model_type: 'stablelm', head_dim: 6, hidden_size: 24, partial_rotary_factor: 0.25 })).toThrow(
    /would turn 1 of a head's 6/,
  );
  expect(refused({ model_type: 'mistral', sliding_window: 1 })).toThrow(/sliding_window is 1, and a window of one/);
  expect(refused({ model_type: 'gpt_neo', window_size: 1, attention_types: [[['local'], 6]] })).toThrow(
    /window_size is 1, and a window of one/,
  );
  const contradicting = { use_sliding_window: false, layer_types: new Array(6).fill(sliding), sliding_window: null };
  expect(refused({ model_type: 'smollm3', ...contradicting })).toThrow(/layer_types.*sliding_window is null/);
  expect(refused({ model_type: 'bert', is_decoder: true })).toThrow(/is_decoder is true, and of this family encoders/);
  expect(refused({ model_type: 'bert', position_embedding_type: 'relative_key' })).toThrow(/absolute positions/);
  expect(refused({ model_type: 'roberta', pad_token_id: 64 })).toThrow(/positions are counted from 65/);
  expect(refused({ model_type: 'modernbert', layer_types: [full] })).toThrow(/layer_types.*each of the 6 blocks/);
  expect(refused({ model_type: 'mistral3', text_config: { model_type: 'mamba2' } })).toThrow(
    /text_config\.model_type is "mamba2".*mistral, ministral, ministral3/,
  );
  expect(refused({ model_type: 'ministral3', rope_parameters: { rope_theta: 1e4 } })).toThrow(/llama_4_scaling_beta/);
  expect(refused({ model_type: 'lfm2', layer_types: ['conv', full] })).toThrow(/layer_types.*each of the 6 blocks/);
  expect(refused({ model_type: 'lfm2', full_attn_idxs: 2 })).toThrow(/full_attn_idxs is 2, and has to be a list/);
  const mamba2 = { model_type: 'mamba2', num_heads: 8, head_dim: 8 };
  expect(refused({ ...mamba2, time_step_limit: [0, 0.1] })).toThrow(/time_step_limit is \[0,0\.1\]/);
  expect(refused({ ...mamba2, num_heads: 4 })).toThrow(/num_heads is 4, and heads of 8 numbers make up.* 64/);
  expect(refused({ ...mamba2, n_groups: 3 })).toThrow(/n_groups is 3, and num_heads 8/);
  const gemma4 = { model_type: 'gemma4_text', hidden_size_per_layer_input: 0 };
  expect(refused({ ...gemma4, num_kv_shared_layers: 1 })).toThrow(
    /num_kv_shared_layers is 1, and no block before these has keys and values of each kind/,
  );
  expect(refused({ ...gemma4, num_kv_shared_layers: 6 })).toThrow(/num_kv_shared_layers is 6/);
  expect(refused({ ...gemma4, use_bidirectional_attention: 'all' })).toThrow(/use_bidirectional_attention/);
  expect(refused({ ...gemma4, per_layer_config: { 5: { intermediate_size: 8 } } })).toThrow(
    /per_layer_config\.5\.intermediate_size is 8, and what can differ/,
  );
  expect(refused({ ...gemma4, per_layer_config: { 1: { head_dim: 8 } } })).toThrow(/blocks of one kind have heads/);
  expect(refused({ ...gemma4, num_global_key_value_heads: 3, attention_k_eq_v: true })).toThrow(
    /num_global_key_value_heads is 3, and num_attention_heads 4/,
  );
  expect(refused({ ...gemma4, hidden_size_per_layer_input: 4, vocab_size_per_layer_input: 96 })).toThrow(
    /vocab_size_per_layer_input is 96, and every token of the vocab_size 97/,
  );
  expect(refused({ ...gemma4, enable_moe_block: true, num_experts: 2, top_k_experts: 3 })).toThrow(
    /top_k_experts is 3, and there are 2 experts/,
  );
  expect(refused({ ...gemma4, head_dim: 15, rope_parameters: { [sliding]: { rope_type: 'proportional' } } })).toThrow(
    /head_dim is 15, and a head of 15 dimensions cannot be turned/,
  );
});

test('with longrope the context ends where the original one does', () => {
  const config = { model_type: 'phi3', original_max_position_embeddings: 32, rope_scaling: { ...long, type: 'su' } };
  expect(factsOf(config)).toMatchObject({ contextLength: 32 });
});

test('numbers that Python writes and JSON has not are read as transformers 5 writes them', async () => {
  const folder = alteredCheckpoint('mamba2', {});
  const path = join(folder, 'config.json');
  const text = readFileSync(path, 'utf8');
  const older = text.replace(/\{\s*"__float__": ?"Infinity"\s*\}/, 'Infinity');
  expect(() => JSON.parse(older)).toThrow();
  writeFileSync(path, older.replace('{', '{"note": "Infinity and \\"NaN",'));
  const { config } = await readConfig(folder);
  expect(config.raw('time_step_limit')).toEqual([0, { __float__: 'Infinity' }]);
  expect(config.raw('note')).toBe('Infinity and "NaN');
});
