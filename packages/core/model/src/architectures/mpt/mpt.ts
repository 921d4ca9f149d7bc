import type { Config } from '../../checkpoint/config.js';
import { alibi, alibiTable } from '../../graph/alibi.js';
import { attention } from '../../graph/attention.js';
import type { Value } from '../../graph/graph-builder.js';
import { languageHead } from '../../graph/head.js';
import { residualMiddle, splitSites } from '../../graph/inside-block.js';
import { splitByGroup } from '../../graph/joined-projection.js';
import { type Building, blockOutput, embedding, linear } from '../../graph/module.js';
import { norm as normalized } from '../../graph/norm.js';
import { twoLayers } from '../../graph/two-layers.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';
import { headSizeOf, sizeUnder } from '../sizes.js';

interface MptFacts extends ModelFacts {
  blocks: number;
  heads: number;
  headSize: number;
  epsilon: number;
  scale: number;
  /** Queries, keys and values are cut to this size; 0: they are not. */
  clip: number;
  slopes: Float32Array;
}

const base = 'transformer.';

/** MPT (MosaicML 2023): no biases anywhere, and linear biases of attention in place of positions. */
export const mpt: Architecture<MptFacts> = {
  name: 'MPT',
  modelTypes: ['mpt'],
  base,
  embeddingTensor: 'wte.weight',
  read(config) {
    refuseUnbuilt(config);
    const hiddenSize = sizeUnder(config, ['d_model', 'hidden_size'], 2048);
    const heads = sizeUnder(config, ['n_heads', 'num_attention_heads'], 16);
    const headSize = headSizeOf(config, 'n_heads', heads, hiddenSize);
    const attending = config.section('attn_config') ?? config.empty();
    return {
      vocabularySize: config.integer('vocab_size', 50368),
      contextLength: config.integer('max_seq_len', 2048),
      hiddenSize,
      blocks: sizeUnder(config, ['n_layers', 'num_hidden_layers'], 24),
      heads,
      headSize,
      epsilon: config.number('layer_norm_epsilon', 1e-5, { from: 0 }),
      scale: attending.number('softmax_scale', headSize ** -0.5),
      clip: attending.number('clip_qkv', 0, { from: 0 }),
      slopes: slopesOf(heads),
      tied: config.boolean('tie_word_embeddings', true),
    };
  },
  body(b, facts, inputs, caches) {
    const { graph } = b;
    const { hiddenSize: width, heads, headSize, scale, blocks } = facts;
    const shape = { heads, keyValueHeads: heads, headSize, scale, contextLength: facts.contextLength };
    const norm = (path: string, x: Value) => normalized(b, path, x, width, { by: 'deviation', epsilon: facts.epsilon });
    graph.enterLayer('embeddings');
    let x = embedding(b, `${base}wte`, inputs.ids, facts.vocabularySize, width);
    const bias = alibi(b, inputs, alibiTable(facts.slopes, facts.contextLength), heads);
    for (let i = 0; i < blocks; i++) {
      graph.enterLayer(blockLayer(i, blocks));
      const path = `${base}blocks.${i}`;
      const before = norm(`${path}.norm_1`, x);
      const joined = linear(b, `${path}.attn.Wqkv`, before, { from: width, to: 3 * width, bias: false });
      const module = `${path}.attn`;
      const widths = [width, width, width];
      const [query, key, value] = splitSites(
        b,
        module,
        splitByGroup(b, clip(b, joined, facts.clip), 1, widths),
        widths,
      );
      const form = { ...shape, module, output: { path: `${module}.out_proj`, width } };
      const seen = attention(b, i, inputs, { query, key, value, bias }, form, caches);
      const attended = linear(b, `${path}.attn.out_proj`, seen, { from: width, to: width, bias: false });
      const middle = residualMiddle(b, path, width, graph.node('Add', [x, attended]));
      const fed = twoLayers(b, norm(`${path}.norm_2`, middle), {
        ...{ width, inner: 4 * width, activation: 'gelu', bias: false },
        ...{ up: `${path}.ffn.up_proj`, act: `${path}.ffn.act`, down: `${path}.ffn.down_proj` },
      });
      x = blockOutput(b, path, width, middle, fed);
    }
    graph.enterLayer('final');
    return norm(`${base}norm_f`, x);
  },
  head: (b, { tied, hiddenSize, vocabularySize }, hidden) =>
    languageHead(b, hidden, { tied, embedding: `${base}wte`, width: hiddenSize, vocabularySize }),
};

/** What MosaicML's own code has and transformers' does not: it would build another model without a word. */
function refuseUnbuilt(config: Config): void {
  const attending = config.section('attn_config') ?? config.empty();
  if (!attending.boolean('alibi', true)) attending.refuse('alibi', 'and MPT without linear biases is not built');
  if (attending.text('attn_type', 'multihead_attention') !== 'multihead_attention')
    attending.refuse('attn_type', 'and only multihead_attention is built');
  for (const field of ['qk_ln', 'prefix_lm'])
    if (attending.boolean(field, false)) attending.refuse(field, 'and MPT with it is not built');
  if (attending.integer('alibi_bias_max', 8) !== 8) attending.refuse('alibi_bias_max', 'and only 8 is built');
  if (!config.boolean('no_bias', true)) config.refuse('no_bias', 'and MPT with biases is not built');
  if (config.integer('expansion_ratio', 4) !== 4) config.refuse('expansion_ratio', 'and only 4 is built');
  if (config.has('logit_scale')) config.refuse('logit_scale', 'and logits that are scaled are not built');
}

/** 2^(-8 i / heads) for a power of two; for other numbers, those of the next higher power, every other one first. */
function slopesOf(heads: number): Float32Array {
  const higher = 2 ** Math.ceil(Math.log2(heads));
  const all = Array.from({ length: higher }, (_, i) => 2 ** (-(i + 1) * (8 / higher)));
  const [even, odd] = [0, 1].map((first) => all.filter((_, i) => i % 2 === first));
  return Float32Array.from(higher === heads ? all : [...odd, ...even].slice(0, heads));
}

function clip({ graph }: Building, x: Value, size: number): Value {
  if (size === 0) return x;
  return graph.node('Clip', [x, ...[-size, size].map((n) => graph.numbers(`clip.${n}`, Float32Array.of(n), []))]);
}
