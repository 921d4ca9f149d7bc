import { activation } from '../../graph/activation.js';
import { attend, type HeldKeys, heldKeys } from '../../graph/attention.js';
import type { AttentionShape } from '../../graph/attention-shape.js';
import type { CachePart } from '../../graph/block-cache.js';
import type { Value } from '../../graph/graph-builder.js';
import { gatedProduct, residualMiddle } from '../../graph/inside-block.js';
import { type Building, linear } from '../../graph/module.js';
import { norm, normOfHeads } from '../../graph/norm.js';
import type { Rotary } from '../../graph/rotary.js';
import type { TokenInputs } from '../../graph/token-inputs.js';
import { feedForward } from '../llama/feed-forward.js';
import { withExperts } from './gemma4-experts.js';
import type { Gemma4Facts } from './gemma4-facts.js';

/** What blocks share in a run. */
export interface Run {
  inputs: TokenInputs;
  caches: CachePart[][];
  rotary: { full: Rotary; sliding: Rotary };
  /** What each block has of each token beside the residual stream, [rows, its width], where the model has such. */
  perLayer?: Value[];
  /** Keys and values by block, of blocks that have their own. */
  keys: Map<number, HeldKeys>;
}

/**
 * One block: attention, feed-forward, and what the block's own numbers of the token make of a gate, each added to the residual stream [rows,
 * hiddenSize], and the whole times a number.
 *
 * @param path of its module, `model.layers.0`
 */
export function gemma4Block(b: Building, facts: Gemma4Facts, path: string, index: number, run: Run, x: Value): Value {
  const { graph } = b;
  const { hiddenSize: width } = facts;
  const normed = (name: string, y: Value) => norm(b, `${path}.${name}`, y, width, facts.norm);
  const add = (y: Value, more: Value) => graph.node('Add', [y, more]);
  const attended = selfAttention(b, facts, `${path}.self_attn`, index, run, normed('input_layernorm', x));
  const middle = residualMiddle(b, path, width, add(x, normed('post_attention_layernorm', attended)));
  const { feedForward: inner } = facts.blocks[index];
  const form = { ...facts, feedForward: inner, biases: { feedForward: false } };
  let fed = feedForward(b, form, `${path}.mlp`, normed('pre_feedforward_layernorm', middle));
  if (facts.experts) fed = withExperts(b, facts, facts.experts, path, middle, fed);
  let y = add(middle, normed('post_feedforward_layernorm', fed));
  if (run.perLayer)
    y = add(y, normed('post_per_layer_input_norm', ofOwnInputs(b, facts, path, y, run.perLayer[index])));
  const factor = graph.weight(b.tensors.require(`${path}.layer_scalar`, [1]), [1]);
  return graph.site(path, 'block', width, graph.node('Mul', [y, factor]));
}

/** What a gate of the residual stream lets through of the block's own numbers, made as wide as the stream. */
function ofOwnInputs(b: Building, facts: Gemma4Facts, path: string, x: Value, own: Value): Value {
  const { hiddenSize: from, activation: name, perLayer } = facts;
  const { width: to } = perLayer!;
  const gate = linear(b, `${path}.per_layer_input_gate`, x, { from, to, bias: false });
  const open = activation(b, `${path}.act_fn`, name, gate, to);
  const through = gatedProduct(b, path, to, open, own);
  return linear(b, `${path}.per_layer_projection`, through, { from: to, to: from, bias: false });
}

/** Queries and keys are normalized with gains, values without, and products are not scaled. */
function selfAttention(b: Building, facts: Gemma4Facts, path: string, index: number, run: Run, x: Value): Value {
  const { hiddenSize: width, heads, biases, contextLength } = facts;
  const { headSize, keyValueHeads, keysOf, valuesOfKeys, window, sliding } = facts.blocks[index];
  const rotary = sliding ? run.rotary.sliding : run.rotary.full;
  const product = (name: string, n: number) =>
    linear(b, `${path}.${name}`, x, { from: width, to: n * headSize, bias: biases.queryKeyValue });
  const normed = (name: string, y: Value, n: number, gain = true) =>
    normOfHeads(b, `${path}.${name}`, y, n, headSize, { ...facts.norm, gain });
  const form: AttentionShape = {
    ...{ module: path, output: { path: `${path}.o_proj`, width }, contextLength },
    ...{ heads, keyValueHeads, headSize, scale: 1, window },
  };
  const query = normed('q_norm', product('q_proj', heads), heads);
  if (keysOf === undefined) {
    const keys = product('k_proj', keyValueHeads);
    const values = valuesOfKeys ? keys : product('v_proj', keyValueHeads);
    const key = normed('k_norm', keys, keyValueHeads);
    const value = normed('v_norm', values, keyValueHeads, false);
    run.keys.set(index, heldKeys(b, index, run.inputs, { key, value }, form, rotary));
  }
  const held = run.keys.get(keysOf ?? index)!;
  const seen = attend(b, index, run.inputs, { query }, held, form, run.caches, rotary);
  return linear(b, `${path}.o_proj`, seen, { from: heads * headSize, to: width, bias: biases.output });
}
