import type { Config } from '../../checkpoint/config.js';
import { activationName } from '../../graph/activation.js';
import { attention } from '../../graph/attention.js';
import { languageHead } from '../../graph/head.js';
import { residualMiddle } from '../../graph/inside-block.js';
import { blockOutput, embedding, linear } from '../../graph/module.js';
import { layerNorm } from '../../graph/norm.js';
import { twoLayers } from '../../graph/two-layers.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';
import { withinContext } from '../llama/windows.js';
import { headSizeOf, sizeUnder } from '../sizes.js';

interface GptNeoFacts extends ModelFacts {
  heads: number;
  headSize: number;
  feedForward: number;
  activation: string;
  epsilon: number;
  /** By block: positions that a token sees, itself included; undefined where all. */
  windows: (number | undefined)[];
}

const base = 'transformer.';

/** GPT-Neo (Black et al. 2021) and TinyStories (Eldan and Li 2023, arXiv 2305.07759): products of queries and keys are not scaled. */
export const gptNeo: Architecture<GptNeoFacts> = {
  name: 'GPT-Neo',
  modelTypes: ['gpt_neo'],
  base,
  embeddingTensor: 'wte.weight',
  read(config) {
    const hiddenSize = config.integer('hidden_size', 2048);
    const heads = sizeUnder(config, ['num_heads', 'num_attention_heads'], 16);
    const contextLength = config.integer('max_position_embeddings', 2048);
    const window = config.integer('window_size', 256);
    return {
      vocabularySize: config.integer('vocab_size', 50257),
      contextLength,
      hiddenSize,
      heads,
      headSize: headSizeOf(config, 'num_heads', heads, hiddenSize),
      feedForward: config.integer('intermediate_size', 4 * hiddenSize),
      activation: activationName(config, ['activation_function'], 'gelu_new'),
      epsilon: config.number('layer_norm_epsilon', 1e-5, { from: 0 }),
      windows: readLocal(config, sizeUnder(config, ['num_layers', 'num_hidden_layers'], 24)).map((local) =>
        local ? withinContext(config, 'window_size', window, contextLength) : undefined,
      ),
      tied: config.boolean('tie_word_embeddings', true),
    };
  },
  body(b, facts, inputs, caches) {
    const { graph } = b;
    const { hiddenSize: width, heads, headSize, epsilon, windows } = facts;
    const whole = { from: width, to: width };
    graph.enterLayer('embeddings');
    const tokens = embedding(b, `${base}wte`, inputs.ids, facts.vocabularySize, width);
    const positions = embedding(b, `${base}wpe`, inputs.positions, facts.contextLength, width);
    let x = graph.node('Add', [tokens, positions]);
    for (const [i, window] of windows.entries()) {
      graph.enterLayer(blockLayer(i, windows.length));
      const path = `${base}h.${i}`;
      const own = `${path}.attn.attention`;
      const before = layerNorm(b, `${path}.ln_1`, x, width, epsilon);
      const part = (name: string) => linear(b, `${own}.${name}`, before, { ...whole, bias: false });
      const parts = { query: part('q_proj'), key: part('k_proj'), value: part('v_proj') };
      const form = {
        ...{ module: own, output: { path: `${own}.out_proj`, width }, contextLength: facts.contextLength },
        ...{ heads, keyValueHeads: heads, headSize, scale: 1, window },
      };
      const seen = attention(b, i, inputs, parts, form, caches);
      const attended = linear(b, `${own}.out_proj`, seen, { ...whole, bias: true });
      const middle = residualMiddle(b, path, width, graph.node('Add', [x, attended]));
      const fed = twoLayers(b, layerNorm(b, `${path}.ln_2`, middle, width, epsilon), {
        ...{ width, inner: facts.feedForward, activation: facts.activation, bias: true },
        ...{ up: `${path}.mlp.c_fc`, act: `${path}.mlp.act`, down: `${path}.mlp.c_proj` },
      });
      x = blockOutput(b, path, width, middle, fed);
    }
    graph.enterLayer('final');
    return layerNorm(b, `${base}ln_f`, x, width, epsilon);
  },
  head: (b, { tied, hiddenSize, vocabularySize }, hidden) =>
    languageHead(b, hidden, { tied, embedding: `${base}wte`, width: hiddenSize, vocabularySize }),
};

/** Of each block whether it sees a window alone: attention_types is a list of [kinds, how often they are repeated]. */
function readLocal(config: Config, blocks: number): boolean[] {
  const field = 'attention_types';
  const written = config.raw(field) ?? [[['global', 'local'], 12]];
  const wrong = () => config.refuse(field, 'and has to be a list such as [[["global", "local"], 12]]');
  if (!Array.isArray(written)) return wrong();
  const kinds = written.flatMap((item: unknown): unknown[] => {
    if (!Array.isArray(item) || item.length !== 2) return wrong();
    const [names, times] = item as unknown[];
    if (!Array.isArray(names) || !Number.isSafeInteger(times) || (times as number) < 0) return wrong();
    return new Array(times as number).fill(names).flat();
  });
  if (!kinds.every((kind) => kind === 'global' || kind === 'local')) wrong();
  if (kinds.length !== blocks)
    config.refuse(field, `which makes ${kinds.length} blocks, and num_layers makes them ${blocks}`);
  return kinds.map((kind) => kind === 'local');
}
