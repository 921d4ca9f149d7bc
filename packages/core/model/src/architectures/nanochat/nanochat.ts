import { llamaKind } from '../llama/llama-decoder.js';
import { readLlamaFacts, readSoftcap } from '../llama/llama-facts.js';

/** nanochat (Karpathy 2025): norms without gains, of embeddings, queries and keys too, squared rectified units without a gate, bounded logits, and turning the other way round. */
export const nanoChat = llamaKind('nanochat', ['nanochat'], (config) => {
  const facts = readLlamaFacts(config, { contextLength: 2048, activation: 'relu2' });
  const { rotary, norm } = facts;
  return {
    ...facts,
    norm: { ...norm, gain: false },
    rotary: { ...rotary, inverse: rotary.inverse.map((w) => -w) },
    embeddingsNormed: true,
    queryKeyNorms: { of: 'heads', behindRotation: true },
    gate: 'none',
    feedForwardNames: { up: 'fc1', activation: 'activation_fn', down: 'fc2' },
    logitSoftcap: readSoftcap(config, 'final_logit_softcapping', 15),
  };
});
