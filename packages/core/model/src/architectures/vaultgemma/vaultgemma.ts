import { gemma2 } from '../gemma2/gemma2.js';
import { llamaKind } from '../llama/llama-decoder.js';

/** VaultGemma (Google 2025): Gemma 2 without norms behind attention and feed-forward. */
export const vaultGemma = llamaKind('VaultGemma', ['vaultgemma'], (config) => ({
  ...gemma2.read(config),
  norms: { attention: { before: 'input_layernorm' }, feedForward: { before: 'pre_feedforward_layernorm' } },
}));
