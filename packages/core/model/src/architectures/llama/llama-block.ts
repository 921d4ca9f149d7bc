import { attention, turnedHeads } from '../../graph/attention.js';
import type { AttentionShape } from '../../graph/attention-shape.js';
import type { CachePart } from '../../graph/block-cache.js';
import { gatedDelta } from '../../graph/gated-delta.js';
import type { Value } from '../../graph/graph-builder.js';
import { residualMiddle, splitSites } from '../../graph/inside-block.js';
import { type Building, blockOutput, linear } from '../../graph/module.js';
import { norm, normByOwnGains, normOfHeads, normsByHead } from '../../graph/norm.js';
import type { Rotary } from '../../graph/rotary.js';
import type { TokenInputs } from '../../graph/token-inputs.js';
import { feedForward } from './feed-forward.js';
import { type LlamaFacts, normsBefore } from './llama-facts.js';
import { mixture } from './mixture.js';

/** What blocks share in a run. */
export interface Run {
  inputs: TokenInputs;
  caches: CachePart[][];
  /** Of ministral3: what queries are multiplied by, [rows, 1]. */
  queryFactor?: Value;
}

/**
 * One block: attention and feed-forward, each with its norms, added to the residual stream [rows, hiddenSize].
 *
 * @param path of its module, `model.layers.0`
 */
export function block(
  b: Building,
  facts: LlamaFacts,
  path: string,
  index: number,
  run: Run,
  rotary: Rotary,
  residual: Value,
): Value {
  const { graph } = b;
  const { hiddenSize: width, norms = normsBefore, residualMultiplier: factor } = facts;
  const normed = (name: string | undefined, x: Value) =>
    name === undefined ? x : norm(b, `${path}.${name}`, x, width, facts.norm);
  const { attention: around, feedForward: aroundFed } = norms;

  const x = normed(around.before, residual);
  const seen = facts.linearAttention?.blocks[index]
    ? gatedDelta(b, index, run.inputs, `${path}.linear_attn`, x, facts.linearAttention.shape, run.caches)
    : selfAttention(b, facts, `${path}.self_attn`, index, run, rotary, x);
  const attended = normed(around.behind, seen);
  const sum = graph.node('Add', [residual, times(b, attended, factor)]);
  // Where both start from the block's input, nothing lies between them.
  const middle = facts.parallel ? sum : residualMiddle(b, path, width, sum);
  const y = facts.parallel ? x : normed(aroundFed.before, middle);
  const { mixture: mix } = facts;
  const fedForward = (input: Value) =>
    mix?.blocks[index]
      ? mixture(b, facts, mix, `${path}.${mix.module}`, input)
      : feedForward(b, facts, `${path}.mlp`, input);
  const fed = normed(aroundFed.behind, fedForward(y));
  return blockOutput(b, path, width, middle, times(b, fed, factor));
}

function selfAttention(
  b: Building,
  facts: LlamaFacts,
  path: string,
  index: number,
  { inputs, caches, queryFactor }: Run,
  rotary: Rotary,
  x: Value,
): Value {
  const { hiddenSize: width, heads, keyValueHeads, headSize, biases, queryKeyNorms: norms } = facts;
  const turning = facts.rotated?.[index] === false ? undefined : rotary;
  const behind = norms?.behindRotation === true;
  const turn = (y: Value, n: number) => (turning ? turnedHeads(b, inputs, y, n, headSize, turning) : y);
  const ready = (y: Value, n: number, place: 0 | 1) => {
    const first = behind ? turn(y, n) : y;
    return norms ? normedHeads(b, facts, path, first, n, place) : first;
  };
  const projected = projections(b, facts, path, x);
  let query = ready(projected.query, heads, 0);
  const key = ready(projected.key, keyValueHeads, 1);
  // Turning keeps lengths: what multiplies queries may do so before it.
  if (queryFactor) query = b.graph.node('Mul', [query, queryFactor]);
  const form: AttentionShape = {
    ...{ module: path, output: { path: `${path}.o_proj`, width }, contextLength: facts.contextLength },
    heads,
    keyValueHeads,
    headSize,
    scale: facts.scale,
    window: facts.windows[index],
    softcap: facts.attentionSoftcap,
  };
  const { value, gate } = projected;
  const sinks = facts.sinks ? b.graph.weight(b.tensors.require(`${path}.sinks`, [heads]), [heads]) : undefined;
  const seen = attention(
    b,
    index,
    inputs,
    { query, key, value, sinks, gate },
    form,
    caches,
    behind ? undefined : turning,
  );
  return linear(b, `${path}.o_proj`, seen, { from: heads * headSize, to: width, bias: biases.output });
}

/** Queries, keys and values from three products or one. */
function projections(
  b: Building,
  facts: LlamaFacts,
  path: string,
  x: Value,
): { query: Value; key: Value; value: Value; gate?: Value } {
  const { hiddenSize: width, heads, keyValueHeads, headSize, biases, projectionBound: bound } = facts;
  const widths = [heads, keyValueHeads, keyValueHeads].map((n) => n * headSize);
  if (facts.gatedHeads) return gatedProjections(b, facts, path, x);
  const product = (name: string, to: number) =>
    linear(b, `${path}.${name}`, x, { from: width, to, bias: biases.queryKeyValue });
  const joined = () =>
    b.graph.nodes('Split', [product('qkv_proj', widths[0] + 2 * widths[1]), b.graph.shape(widths)], 3, { axis: -1 });
  const parts = facts.joined
    ? splitSites(b, path, joined(), widths)
    : ['q_proj', 'k_proj', 'v_proj'].map((name, i) => product(name, widths[i]));
  const number = (n: number) => b.graph.numbers(`bound.${n}`, Float32Array.of(n), []);
  const [query, key, value] =
    bound === undefined ? parts : parts.map((y) => b.graph.node('Clip', [y, number(-bound), number(bound)]));
  return { query, key, value };
}

/** Three products, of which the first has for each head its query and then its gate. */
function gatedProjections(b: Building, facts: LlamaFacts, path: string, x: Value) {
  const { graph } = b;
  const { hiddenSize: width, heads, keyValueHeads, headSize, biases } = facts;
  const product = (name: string, to: number) =>
    linear(b, `${path}.${name}`, x, { from: width, to, bias: biases.queryKeyValue });
  const both = graph.node('Reshape', [product('q_proj', 2 * heads * headSize), graph.shape([-1, 2 * headSize])]);
  const [query, gate] = graph
    .nodes('Split', [both, graph.shape([headSize, headSize])], 2, { axis: -1 })
    .map((part) => graph.node('Reshape', [part, graph.shape([-1, heads * headSize])]));
  const [key, value] = ['k_proj', 'v_proj'].map((name) => product(name, keyValueHeads * headSize));
  return { query, key, value, gate };
}

/** Queries (`place` 0) or keys (1), normalized. */
function normedHeads(b: Building, facts: LlamaFacts, path: string, x: Value, heads: number, place: 0 | 1): Value {
  const { of, names = ['q_norm', 'k_norm'], form = facts.norm } = facts.queryKeyNorms!;
  const { headSize } = facts;
  const module = `${path}.${names[place]}`;
  if (of === 'heads') return normOfHeads(b, module, x, heads, headSize, form);
  if (of === 'own-gains') return normByOwnGains(b, module, x, heads, headSize, form);
  if (of === 'modules') return normsByHead(b, `${module}.norms`, x, heads, headSize, form);
  return norm(b, module, x, heads * headSize, form);
}

/** A value times a number of config.json, where the family has one. */
export function times(b: Building, x: Value, factor: number | undefined): Value {
  if (factor === undefined || factor === 1) return x;
  return b.graph.node('Mul', [x, b.graph.numbers(`factor.${factor}`, Float32Array.of(factor), [])]);
}
