import type { Config } from '../../checkpoint/config.js';
import { type DualityShape, stateSpaceDuality } from '../../graph/state-space-duality.js';
import type { Architecture } from '../architecture.js';
import { type MambaBlocks, mamba, mambaBody, mambaHead, readMambaBlocks } from '../mamba/mamba.js';

interface Mamba2Facts extends MambaBlocks {
  shape: DualityShape;
}

/** Mamba 2: state spaces whose heads decay as one. */
export const mamba2: Architecture<Mamba2Facts> = {
  name: 'Mamba 2',
  modelTypes: ['mamba2'],
  base: mamba.base,
  embeddingTensor: mamba.embeddingTensor,
  read,
  body: (b, facts, inputs, caches) =>
    mambaBody(b, facts, inputs, (i, path, x) => stateSpaceDuality(b, i, inputs, path, x, facts.shape, caches)),
  head: mambaHead,
};

function read(config: Config): Mamba2Facts {
  const facts = readMambaBlocks(config, { vocabulary: 32768, width: 4096, blocks: 64, tied: false });
  const width = facts.hiddenSize;
  const heads = config.integer('num_heads', 128);
  const headSize = config.integer('head_dim', 64);
  const inner = config.integer('expand', 2) * width;
  if (heads * headSize !== inner)
    config.refuse('num_heads', `and heads of ${headSize} numbers make up expand x hidden_size, ${inner}`);
  const groups = config.integer('n_groups', 8);
  if (heads % groups !== 0) config.refuse('n_groups', `and num_heads ${heads} is no multiple of it`);
  refuseLimit(config);
  return {
    ...facts,
    shape: {
      ...{ width, heads, headSize, groups, states: config.integer('state_size', 128) },
      kernel: config.integer('conv_kernel', 4),
      bias: config.boolean('use_bias', false),
      convolutionBias: config.boolean('use_conv_bias', true),
      epsilon: facts.norm.epsilon,
    },
  };
}

/** As transformers 5 writes it. */
const unbounded = [0, { __float__: 'Infinity' }];

/** transformers bounds time steps where a text is read, and not where it goes on from a state; published models bound none. */
function refuseLimit(config: Config): void {
  const limit = JSON.stringify(config.raw('time_step_limit') ?? unbounded);
  if (limit !== JSON.stringify(unbounded)) config.refuse('time_step_limit', 'and bounds of time steps are not built');
}
