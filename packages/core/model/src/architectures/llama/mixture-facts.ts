import type { Config } from '../../checkpoint/config.js';
import { sizeUnder } from '../sizes.js';
import type { MixtureFacts } from './mixture.js';

/** Fields that mixtures share. `defaults` are those of the family's configuration class in transformers. */
export function readMixture(
  config: Config,
  blocks: boolean[],
  defaults: { experts: number; chosen: number; inner: number } & Partial<MixtureFacts>,
): MixtureFacts {
  const experts = sizeUnder(config, ['num_experts', 'num_local_experts'], defaults.experts);
  const chosen = config.integer('num_experts_per_tok', defaults.chosen);
  if (chosen > experts) config.refuse('num_experts_per_tok', `and there are ${experts} experts`);
  const usual = { module: 'mlp', router: { name: 'gate', bias: false }, normed: true, layout: 'stacked' } as const;
  return { ...usual, ...defaults, blocks, experts, chosen };
}

/** Of each block of Qwen's whether it has a mixture: every decoder_sparse_step-th has, but for mlp_only_layers. */
export function readSparseBlocks(config: Config, blocks: number): boolean[] {
  const step = config.integer('decoder_sparse_step', 1);
  const plain = config.raw('mlp_only_layers') ?? [];
  if (!Array.isArray(plain) || !plain.every(Number.isSafeInteger))
    return config.refuse('mlp_only_layers', 'and has to be a list of whole numbers');
  return Array.from({ length: blocks }, (_, i) => (i + 1) % step === 0 && !plain.includes(i));
}
