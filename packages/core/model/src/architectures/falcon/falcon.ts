import { alibi } from '../../graph/alibi.js';
import { attention } from '../../graph/attention.js';
import type { Value } from '../../graph/graph-builder.js';
import { languageHead } from '../../graph/head.js';
import { residualMiddle, splitSites } from '../../graph/inside-block.js';
import { splitByGroup } from '../../graph/joined-projection.js';
import { blockOutput, embedding, linear } from '../../graph/module.js';
import { layerNorm } from '../../graph/norm.js';
import { createRotary } from '../../graph/rotary.js';
import { twoLayers } from '../../graph/two-layers.js';
import { type Architecture, blockLayer } from '../architecture.js';
import { type FalconFacts, readFalcon, roundedAlibi } from './falcon-facts.js';

const base = 'transformer.';

/** Falcon (Almazrouei et al. 2023, arXiv 2311.16867), in its older and newer form, with rotation or linear biases of attention. */
export const falcon: Architecture<FalconFacts> = {
  name: 'Falcon',
  modelTypes: ['falcon'],
  base,
  embeddingTensor: 'word_embeddings.weight',
  read: readFalcon,
  body(b, facts, inputs, caches) {
    const { graph } = b;
    const { hiddenSize: width, heads, keyValueHeads, headSize, epsilon, blocks, norms, biased: bias } = facts;
    const shape = { heads, keyValueHeads, headSize, scale: headSize ** -0.5, contextLength: facts.contextLength };
    const sizes = [(heads / keyValueHeads) * headSize, headSize, headSize];
    graph.enterLayer('embeddings');
    let x = embedding(b, `${base}word_embeddings`, inputs.ids, facts.vocabularySize, width);
    const rotary = facts.rotary && createRotary(b, inputs, facts.rotary);
    const linearBias = rotary ? undefined : alibi(b, inputs, roundedAlibi(facts), heads);
    for (let i = 0; i < blocks; i++) {
      graph.enterLayer(blockLayer(i, blocks));
      const path = `${base}h.${i}`;
      const own = `${path}.self_attention`;
      const norm = (name: string, y: Value) => layerNorm(b, `${path}.${name}`, y, width, epsilon);
      const before = norm(norms === 'two' ? 'ln_attn' : 'input_layernorm', x);
      const beside = norms === 'two' ? norm('ln_mlp', x) : before;
      const to = keyValueHeads * sizes.reduce((a, c) => a + c, 0);
      const joined = linear(b, `${own}.query_key_value`, before, { from: width, to, bias });
      const parts = splitByGroup(b, joined, keyValueHeads, sizes);
      const [query, key, value] = splitSites(
        b,
        own,
        parts,
        sizes.map((size) => keyValueHeads * size),
      );
      const form = { ...shape, module: own, output: { path: `${own}.dense`, width } };
      const seen = attention(b, i, inputs, { query, key, value, bias: linearBias }, form, caches, rotary);
      const attended = linear(b, `${own}.dense`, seen, { from: width, to: width, bias });
      const sum = graph.node('Add', [x, attended]);
      const middle = norms === 'sequential' ? residualMiddle(b, path, width, sum) : sum;
      const fed = twoLayers(b, norms === 'sequential' ? norm('post_attention_layernorm', middle) : beside, {
        ...{ width, inner: facts.feedForward, activation: facts.activation, bias },
        ...{ up: `${path}.mlp.dense_h_to_4h`, act: `${path}.mlp.act`, down: `${path}.mlp.dense_4h_to_h` },
      });
      x = blockOutput(b, path, width, middle, fed);
    }
    graph.enterLayer('final');
    return layerNorm(b, `${base}ln_f`, x, width, epsilon);
  },
  head: (b, { tied, hiddenSize, vocabularySize }, hidden) =>
    languageHead(b, hidden, { tied, embedding: `${base}word_embeddings`, width: hiddenSize, vocabularySize }),
};
