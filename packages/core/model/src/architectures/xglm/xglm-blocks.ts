import { attention } from '../../graph/attention.js';
import type { CachePart } from '../../graph/block-cache.js';
import type { Value } from '../../graph/graph-builder.js';
import { residualMiddle } from '../../graph/inside-block.js';
import { type Building, blockOutput, linear } from '../../graph/module.js';
import { layerNorm } from '../../graph/norm.js';
import type { TokenInputs } from '../../graph/token-inputs.js';
import { twoLayers } from '../../graph/two-layers.js';
import { blockLayer, type ModelFacts } from '../architecture.js';

/** What XGLM's blocks are made of. */
export interface XglmBlocks extends ModelFacts {
  blocks: number;
  heads: number;
  headSize: number;
  feedForward: number;
  activation: string;
}

const epsilon = 1e-5;

/** Blocks of fairseq's decoders whose norms come first, and the norm behind the last: x and the result are [rows, hiddenSize]. */
export function xglmBlocks(
  b: Building,
  facts: XglmBlocks,
  base: string,
  inputs: TokenInputs,
  x: Value,
  caches: CachePart[][],
): Value {
  const { graph } = b;
  const { hiddenSize: width, heads, headSize, blocks, contextLength } = facts;
  const shape = { heads, keyValueHeads: heads, headSize, scale: headSize ** -0.5, contextLength };
  const whole = { from: width, to: width, bias: true };
  let stream = x;
  for (let i = 0; i < blocks; i++) {
    graph.enterLayer(blockLayer(i, blocks));
    const path = `${base}layers.${i}`;
    const module = `${path}.self_attn`;
    const before = layerNorm(b, `${path}.self_attn_layer_norm`, stream, width, epsilon);
    const part = (name: string) => linear(b, `${module}.${name}`, before, whole);
    const parts = { query: part('q_proj'), key: part('k_proj'), value: part('v_proj') };
    const form = { ...shape, module, output: { path: `${module}.out_proj`, width } };
    const seen = attention(b, i, inputs, parts, form, caches);
    const attended = linear(b, `${module}.out_proj`, seen, whole);
    const middle = residualMiddle(b, path, width, graph.node('Add', [stream, attended]));
    const fed = twoLayers(b, layerNorm(b, `${path}.final_layer_norm`, middle, width, epsilon), {
      ...{ width, inner: facts.feedForward, activation: facts.activation, bias: true },
      ...{ up: `${path}.fc1`, act: `${path}.activation_fn`, down: `${path}.fc2` },
    });
    stream = blockOutput(b, path, width, middle, fed);
  }
  graph.enterLayer('final');
  return layerNorm(b, `${base}layer_norm`, stream, width, epsilon);
}
