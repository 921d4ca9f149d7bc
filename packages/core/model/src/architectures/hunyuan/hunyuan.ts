import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts } from '../llama/llama-facts.js';

/** Hunyuan's dense models (Tencent 2025): Llama whose queries and keys are normalized behind their turning. */
export const hunyuan = llamaKind('Hunyuan', ['hunyuan_v1_dense'], (config) => ({
  ...readLlamaFacts(config, { contextLength: 2048, epsilon: 1e-5, rotary: { alpha: true } }),
  queryKeyNorms: { of: 'heads', names: ['query_layernorm', 'key_layernorm'], behindRotation: true },
}));
