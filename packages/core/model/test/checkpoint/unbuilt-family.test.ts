import { expect, test } from 'vitest';
import { findArchitecture } from '../../src/architectures/registry.js';
import { createConfig } from '../../src/checkpoint/config.js';

const refusal = (json: Record<string, unknown>) => {
  try {
    findArchitecture(createConfig(json, 'config.json'));
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
};

// Fields as transformers 5.18 writes them for each of these.
test.each([
  ['t5', { vocab_size: 32128, is_encoder_decoder: true, architectures: ['T5ForConditionalGeneration'] }, 'two parts'],
  ['mt5', { vocab_size: 250112, architectures: ['MT5ForConditionalGeneration'] }, 'two parts'],
  ['vit', { image_size: 224, patch_size: 16, num_channels: 3 }, 'a model of images'],
  ['whisper', { vocab_size: 51865, is_encoder_decoder: true, num_mel_bins: 80 }, 'a model of sound'],
  ['mystery_moe', { vocab_size: 32000, num_local_experts: 8, num_experts_per_tok: 2 }, 'a mixture of experts'],
  ['dbrx', { vocab_size: 32000, ffn_config: { moe_num_experts: 16 } }, 'a mixture of experts'],
  ['rwkv', { vocab_size: 50280, attention_hidden_size: 16, rescale_every: 6 }, 'a recurrent model'],
  ['a_hybrid', { vocab_size: 50280, layer_types: ['linear_attention', 'full_attention'] }, 'a recurrent model'],
  ['vits', { hidden_size: 192 }, 'no model of text'],
])('of %s it is said what it is, and not that it can be exported', (type, fields, what) => {
  const sentence = refusal({ model_type: type, ...fields });
  expect(sentence).toContain(`config.json: model_type is "${type}", `);
  expect(sentence).toContain(what);
  expect(sentence).not.toContain('can be exported to ONNX');
  expect(sentence!.includes('its encoder alone can be given')).toBe(what === 'two parts');
  expect(sentence!.includes('an ONNX export of it is not read either')).toBe(/images|sound|recurrent/.test(what));
  expect(sentence).toContain('gpt2');
});

test('of a model that reads images too its language model is named', () => {
  const wrapped = (inner: string) =>
    refusal({ model_type: 'some_vl', vision_config: {}, text_config: { model_type: inner } });
  expect(wrapped('qwen3')).toContain('Its language model is of a family that is built, qwen3');
  expect(wrapped('unheard_of')).toContain('Take another model');
  for (const inner of ['qwen3', 'unheard_of']) expect(wrapped(inner)).not.toContain('ONNX');
});

test.each([
  ['an_encoder', { vocab_size: 30522, is_encoder_decoder: false, architectures: ['AnEncoderForMaskedLM'] }],
  ['a_decoder', { vocab_size: 30522, num_experts: 0 }],
  ['doge', { vocab_size: 32768, is_moe: false, num_experts: 16384 }],
])('%s of text may be exported to ONNX', (type, fields) => {
  expect(refusal({ model_type: type, ...fields })).toContain('can be exported to ONNX, where optimum');
});
