import type { Config } from '../../checkpoint/config.js';
import { activate } from '../../graph/activation.js';
import { attention } from '../../graph/attention.js';
import type { AttentionShape } from '../../graph/attention-shape.js';
import type { CachePart } from '../../graph/block-cache.js';
import type { Value } from '../../graph/graph-builder.js';
import { languageHead } from '../../graph/head.js';
import { gatedProduct, residualMiddle } from '../../graph/inside-block.js';
import { type Building, blockOutput, embedding, linear } from '../../graph/module.js';
import { norm, normOfHeads } from '../../graph/norm.js';
import { createRotary, type Rotary } from '../../graph/rotary.js';
import { shortConvolution } from '../../graph/short-convolution.js';
import type { TokenInputs } from '../../graph/token-inputs.js';
import { type Architecture, blockLayer } from '../architecture.js';
import { type LlamaFacts, noBiases, readLlamaFacts } from '../llama/llama-facts.js';

interface Lfm2Facts extends LlamaFacts {
  /** By block: whether it attends, and does not convolve. */
  attending: boolean[];
  kernel: number;
  /** Of the convolution and the products around it. */
  convolutionBias: boolean;
}

const base = 'model.';

/** LFM2 (Liquid AI 2025): short convolutions, and attention in some blocks. */
export const lfm2: Architecture<Lfm2Facts> = {
  name: 'LFM2',
  modelTypes: ['lfm2'],
  base,
  embeddingTensor: 'embed_tokens.weight',
  read,
  body(b, facts, inputs, caches) {
    const { graph } = b;
    const { hiddenSize: width, attending } = facts;
    graph.enterLayer('embeddings');
    let x = embedding(b, `${base}embed_tokens`, inputs.ids, facts.vocabularySize, width);
    const rotary = createRotary(b, inputs, facts.rotary);
    for (const [i, attends] of attending.entries()) {
      graph.enterLayer(blockLayer(i, attending.length));
      const path = `${base}layers.${i}`;
      const normed = norm(b, `${path}.operator_norm`, x, width, facts.norm);
      const shape = { width, kernel: facts.kernel, bias: facts.convolutionBias };
      const mixed = attends
        ? selfAttention(b, facts, `${path}.self_attn`, i, inputs, rotary, normed, caches)
        : shortConvolution(b, i, inputs, `${path}.conv`, normed, shape, caches);
      const middle = residualMiddle(b, path, width, graph.node('Add', [mixed, x]));
      const fed = feedForward(b, facts, `${path}.feed_forward`, norm(b, `${path}.ffn_norm`, middle, width, facts.norm));
      x = blockOutput(b, path, width, middle, fed);
    }
    graph.enterLayer('final');
    return norm(b, `${base}embedding_norm`, x, width, facts.norm);
  },
  head: (b, { tied, hiddenSize: width, vocabularySize }, hidden) =>
    languageHead(b, hidden, { tied, embedding: `${base}embed_tokens`, width, vocabularySize }),
};

function selfAttention(
  b: Building,
  facts: Lfm2Facts,
  path: string,
  index: number,
  inputs: TokenInputs,
  rotary: Rotary,
  x: Value,
  caches: CachePart[][],
): Value {
  const { hiddenSize: width, heads, keyValueHeads, headSize, scale, contextLength } = facts;
  const product = (name: string, n: number) =>
    linear(b, `${path}.${name}_proj`, x, { from: width, to: n * headSize, bias: false });
  const normed = (name: string, n: number) =>
    normOfHeads(b, `${path}.${name}_layernorm`, product(name, n), n, headSize, facts.norm);
  const parts = { query: normed('q', heads), key: normed('k', keyValueHeads), value: product('v', keyValueHeads) };
  const form: AttentionShape = {
    ...{ module: path, output: { path: `${path}.out_proj`, width }, contextLength },
    ...{ heads, keyValueHeads, headSize, scale },
  };
  const seen = attention(b, index, inputs, parts, form, caches, rotary);
  return linear(b, `${path}.out_proj`, seen, { from: heads * headSize, to: width, bias: false });
}

function feedForward(b: Building, { hiddenSize: width, feedForward: inner }: Lfm2Facts, path: string, x: Value): Value {
  const product = (name: string, y: Value, from: number, to: number) =>
    linear(b, `${path}.${name}`, y, { from, to, bias: false });
  const open = activate(b, 'silu', product('w1', x, width, inner));
  return product('w2', gatedProduct(b, path, inner, open, product('w3', x, width, inner)), inner, width);
}

function read(config: Config): Lfm2Facts {
  const facts = readLlamaFacts(config, {
    ...{ keyValueHeads: 8, contextLength: 128_000, theta: 1_000_000, tied: true, biases: noBiases },
    ...{ epsilonField: 'norm_eps', epsilon: 1e-5, feedForward: 12_288 },
  });
  return {
    ...facts,
    tied: config.boolean('tie_embedding', facts.tied),
    feedForward: readInner(config, config.integer('block_ff_dim', facts.feedForward)),
    attending: readKinds(config, facts.windows.length),
    kernel: config.integer('conv_L_cache', 3),
    convolutionBias: config.boolean('conv_bias', false),
  };
}

/** Hidden units of the feed-forward: two thirds of what is written, rounded up to a multiple, unless config.json says that it is the number itself. */
function readInner(config: Config, written: number): number {
  if (!config.boolean('block_auto_adjust_ff_dim', true)) return written;
  const inner = Math.trunc((2 * written) / 3);
  if (config.isNull('block_ffn_dim_multiplier')) return inner;
  const multiple = config.integer('block_multiple_of', 256);
  const scaled = Math.trunc(config.number('block_ffn_dim_multiplier', 1, { above: 0 }) * inner);
  return multiple * Math.ceil(scaled / multiple);
}

/** Which blocks attend: as layer_types says, or, in older files, full_attn_idxs; all where neither does. */
function readKinds(config: Config, blocks: number): boolean[] {
  const types = config.raw('layer_types');
  if (types === undefined) {
    const places = config.raw('full_attn_idxs');
    if (places !== undefined && !(Array.isArray(places) && places.every(Number.isSafeInteger)))
      config.refuse('full_attn_idxs', 'and has to be a list of whole numbers');
    return Array.from({ length: blocks }, (_, i) => (places as number[] | undefined)?.includes(i) ?? true);
  }
  const known = ['conv', 'full_attention'];
  if (!Array.isArray(types) || types.length !== blocks || !types.every((type) => known.includes(type)))
    config.refuse('layer_types', `and has to be a list of ${known.join(' and ')} for each of the ${blocks} blocks`);
  return (types as string[]).map((type) => type === 'full_attention');
}
