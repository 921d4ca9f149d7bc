import type { Config } from '../../checkpoint/config.js';
import { activation } from '../../graph/activation.js';
import { attention } from '../../graph/attention.js';
import { languageHead } from '../../graph/head.js';
import { splitSites } from '../../graph/inside-block.js';
import { splitByGroup } from '../../graph/joined-projection.js';
import { embedding, linearTransposed } from '../../graph/module.js';
import { layerNorm } from '../../graph/norm.js';
import { type Architecture, blockLayer, type ModelFacts } from '../architecture.js';
import { headSizeOf, sizeUnder } from '../sizes.js';

interface OpenAiGptFacts extends ModelFacts {
  blocks: number;
  heads: number;
  headSize: number;
  activation: string;
  epsilon: number;
}

const base = 'transformer.';

/** What the family calls activations: its gelu is the approximation with the hyperbolic tangent. */
const activations: Record<string, string> = { gelu: 'gelu_new', relu: 'relu', silu: 'silu', swish: 'silu' };

/** The first GPT (Radford et al. 2018): norms behind attention and feed-forward and their residual. */
export const openAiGpt: Architecture<OpenAiGptFacts> = {
  name: 'GPT',
  modelTypes: ['openai-gpt'],
  base,
  embeddingTensor: 'tokens_embed.weight',
  read(config) {
    const hiddenSize = sizeUnder(config, ['n_embd', 'hidden_size'], 768);
    const heads = sizeUnder(config, ['n_head', 'num_attention_heads'], 12);
    return {
      vocabularySize: config.integer('vocab_size', 40478),
      contextLength: sizeUnder(config, ['n_positions', 'max_position_embeddings'], 512),
      hiddenSize,
      blocks: sizeUnder(config, ['n_layer', 'num_hidden_layers'], 12),
      heads,
      headSize: headSizeOf(config, 'n_head', heads, hiddenSize),
      activation: readActivation(config),
      epsilon: config.number('layer_norm_epsilon', 1e-5, { from: 0 }),
      tied: config.boolean('tie_word_embeddings', true),
    };
  },
  body(b, facts, inputs, caches) {
    const { graph } = b;
    const { hiddenSize: width, heads, headSize, epsilon, blocks, contextLength } = facts;
    const shape = { heads, keyValueHeads: heads, headSize, scale: headSize ** -0.5, contextLength };
    const widths = [width, width, width];
    graph.enterLayer('embeddings');
    const tokens = embedding(b, `${base}tokens_embed`, inputs.ids, facts.vocabularySize, width);
    const positions = embedding(b, `${base}positions_embed`, inputs.positions, contextLength, width);
    let x = graph.node('Add', [tokens, positions]);
    for (let i = 0; i < blocks; i++) {
      graph.enterLayer(blockLayer(i, blocks));
      const path = `${base}h.${i}`;
      const module = `${path}.attn`;
      const joined = linearTransposed(b, `${module}.c_attn`, x, width, 3 * width);
      const [query, key, value] = splitSites(b, module, splitByGroup(b, joined, 1, widths), widths);
      const form = { ...shape, module, output: { path: `${module}.c_proj`, width, transposed: true } };
      const seen = attention(b, i, inputs, { query, key, value }, form, caches);
      const attended = linearTransposed(b, `${module}.c_proj`, seen, width, width);
      const middle = layerNorm(b, `${path}.ln_1`, graph.node('Add', [x, attended]), width, epsilon);
      const wide = linearTransposed(b, `${path}.mlp.c_fc`, middle, width, 4 * width);
      const active = activation(b, `${path}.mlp.act`, facts.activation, wide, 4 * width);
      const fed = linearTransposed(b, `${path}.mlp.c_proj`, active, 4 * width, width);
      const normed = layerNorm(b, `${path}.ln_2`, graph.node('Add', [middle, fed]), width, epsilon);
      x = graph.site(path, 'block', width, normed);
    }
    return x;
  },
  head: (b, { tied, hiddenSize, vocabularySize }, hidden) =>
    languageHead(b, hidden, { tied, embedding: `${base}tokens_embed`, width: hiddenSize, vocabularySize }),
};

function readActivation(config: Config): string {
  const name = config.text('afn', 'gelu');
  if (!Object.hasOwn(activations, name))
    config.refuse('afn', `and the activations of this family are ${Object.keys(activations).join(', ')}`);
  return activations[name];
}
