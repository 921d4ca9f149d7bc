import type { Config } from '../../checkpoint/config.js';
import type { Value } from '../../graph/graph-builder.js';
import { languageHead } from '../../graph/head.js';
import { type Building, blockOutput, embedding } from '../../graph/module.js';
import { type NormForm, norm } from '../../graph/norm.js';
import { type SelectiveShape, selectiveScan } from '../../graph/selective-scan.js';
import type { TokenInputs } from '../../graph/token-inputs.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';

/** What all of Mamba's kind have. */
export interface MambaBlocks extends ModelFacts {
  blocks: number;
  norm: NormForm;
}

export interface MambaFacts extends MambaBlocks {
  shape: SelectiveShape;
}

const base = 'backbone.';

/** Mamba: selective state spaces in place of attention and feed-forward. */
export const mamba: Architecture<MambaFacts> = {
  name: 'Mamba',
  modelTypes: ['mamba'],
  base,
  embeddingTensor: 'embeddings.weight',
  read,
  body: (b, facts, inputs, caches) =>
    mambaBody(b, facts, inputs, (i, path, x) => selectiveScan(b, i, inputs, path, x, facts.shape, caches)),
  head: mambaHead,
};

/** Blocks that are a norm and a mixer each. @param mixer block, path of its module and input [rows, hiddenSize] -> as wide */
export function mambaBody(
  b: Building,
  facts: MambaBlocks,
  inputs: TokenInputs,
  mixer: (index: number, path: string, x: Value) => Value,
): Value {
  const { graph } = b;
  const { hiddenSize: width, blocks, vocabularySize } = facts;
  graph.enterLayer('embeddings');
  let x = embedding(b, `${base}embeddings`, inputs.ids, vocabularySize, width);
  for (let i = 0; i < blocks; i++) {
    graph.enterLayer(blockLayer(i, blocks));
    const path = `${base}layers.${i}`;
    const normed = norm(b, `${path}.norm`, x, width, facts.norm);
    x = blockOutput(b, path, width, x, mixer(i, `${path}.mixer`, normed));
  }
  graph.enterLayer('final');
  return norm(b, `${base}norm_f`, x, width, facts.norm);
}

export function mambaHead(b: Building, { tied, hiddenSize: width, vocabularySize }: ModelFacts, hidden: Value): Value {
  return languageHead(b, hidden, { tied, embedding: `${base}embeddings`, width, vocabularySize });
}

/** States know no end; this is what published models were trained on. */
const contextLength = 2048;

/** Fields that all of Mamba's kind have. `silent`: what holds where config.json is silent. */
export function readMambaBlocks(
  config: Config,
  silent: { vocabulary: number; width: number; blocks: number; tied: boolean },
): MambaBlocks {
  const activation = config.text('hidden_act', 'silu');
  if (activation !== 'silu' && activation !== 'swish')
    config.refuse('hidden_act', 'and state spaces are built with silu');
  return {
    vocabularySize: config.integer('vocab_size', silent.vocabulary),
    contextLength,
    hiddenSize: config.integer('hidden_size', silent.width),
    blocks: config.integer('num_hidden_layers', silent.blocks),
    norm: { by: 'root-mean-square', epsilon: config.number('layer_norm_epsilon', 1e-5, { from: 0 }) },
    tied: config.boolean('tie_word_embeddings', silent.tied),
  };
}

function read(config: Config): MambaFacts {
  const facts = readMambaBlocks(config, { vocabulary: 50280, width: 768, blocks: 32, tied: true });
  const width = facts.hiddenSize;
  const rank = config.raw('time_step_rank') ?? 'auto';
  return {
    ...facts,
    shape: {
      width,
      inner: config.integer('intermediate_size', config.integer('expand', 2) * width),
      states: config.integer('state_size', 16),
      rank: rank === 'auto' ? Math.ceil(width / 16) : config.integer('time_step_rank'),
      kernel: config.integer('conv_kernel', 4),
      bias: config.boolean('use_bias', false),
      convolutionBias: config.boolean('use_conv_bias', true),
    },
  };
}
