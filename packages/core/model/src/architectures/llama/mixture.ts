import { activate } from '../../graph/activation.js';
import type { Value } from '../../graph/graph-builder.js';
import { type Building, linear } from '../../graph/module.js';
import { insideModule } from '../../site.js';
import { type ExpertLayout, type ExpertWeights, expertWeights } from './expert-weights.js';
import { type FeedForwardFacts, feedForward } from './feed-forward.js';

/** A router and the experts that it chooses among, in place of one feed-forward (Shazeer et al. 2017, arXiv 1701.06538). */
export interface MixtureFacts {
  /** The module's name in its block. */
  module: 'mlp' | 'block_sparse_moe';
  /** By block: whether it has a mixture, and not one feed-forward. */
  blocks: boolean[];
  experts: number;
  /** Experts that a token is given to. */
  chosen: number;
  /** Hidden units of each expert. */
  inner: number;
  /** The router's module, and whether it has a bias. */
  router: { name: 'gate' | 'router'; bias: boolean };
  /** Weights of the chosen experts add up to 1; else they are what softmax over all experts gives these. */
  normed: boolean;
  layout: ExpertLayout;
  /** Hidden units of an expert that every token is given to, times a gate of its own (Qwen2). */
  shared?: number;
}

/**
 * The chosen experts' outputs, weighted by the router, [rows, hiddenSize]. All experts' hidden units are computed as one wide feed-forward, and are 0 for
 * tokens that were not given to their expert, where they act on nothing: so a row's numbers do not depend on the rows beside it.
 *
 * @param path of the module, `model.layers.0.mlp`
 */
export function mixture(b: Building, facts: FeedForwardFacts, mix: MixtureFacts, path: string, x: Value): Value {
  const { graph } = b;
  const { hiddenSize: width } = facts;
  const { experts, inner, router } = mix;
  const all = experts * inner;
  const form = { from: width, to: experts, bias: router.bias };
  const logits = linear(b, `${path}.${router.name}`, x, form);
  const { weights, chosen } = route(b, mix, path, logits);
  const own = `${path}.experts`;
  const stored = expertWeights(b, own, mix, width);
  /** A value [rows, experts x inner], each expert's numbers times one of its own [rows, experts]. */
  const scaled = (y: Value, by: Value) => {
    const byExpert = graph.node('Reshape', [y, graph.shape([-1, experts, inner])]);
    const each = graph.node('Mul', [byExpert, graph.node('Unsqueeze', [by, graph.shape([2])])]);
    return graph.node('Reshape', [each, graph.shape([-1, all])]);
  };
  const hidden = scaled(hiddenUnits(b, facts, mix, stored, x), chosen);
  const gated = graph.site(insideModule(own, 'gated'), 'gated', all, hidden);
  let sum = graph.node('Gemm', [scaled(gated, weights), stored.down], { transB: stored.downTransposed ? 1 : 0 });
  if (stored.downBias) sum = graph.node('Add', [sum, graph.node('MatMul', [weights, stored.downBias])]);
  const given = graph.site(own, 'linear', width, sum);
  if (mix.shared === undefined) return given;
  const sharedFacts = { ...facts, feedForward: mix.shared };
  const shared = feedForward(b, sharedFacts, `${path}.shared_expert`, x);
  const gate = linear(b, `${path}.shared_expert_gate`, x, { from: width, to: 1, bias: false });
  return graph.node('Add', [given, graph.node('Mul', [graph.node('Sigmoid', [gate]), shared])]);
}

/** What each expert's output is multiplied by, 0 where it is not chosen, and 1 where it is chosen, 0 where not; [rows, experts] both. */
function route(b: Building, mix: MixtureFacts, path: string, logits: Value): { weights: Value; chosen: Value } {
  const { graph } = b;
  const softmax = (y: Value) => graph.node('Softmax', [y], { axis: -1 });
  const [best, places] = graph.nodes('TopK', [mix.normed ? logits : softmax(logits), graph.shape([mix.chosen])], 2, {
    axis: -1,
  });
  const number = (n: number) => graph.numbers(`number.${n}`, Float32Array.of(n), []);
  const none = graph.node('Expand', [number(0), graph.node('Shape', [logits])]);
  const ones = graph.node('Expand', [number(1), graph.node('Shape', [best])]);
  const spread = (values: Value) => graph.node('ScatterElements', [none, places, values], { axis: 1 });
  // Softmax over the chosen is softmax over all, divided by what the chosen have of it.
  const weights = spread(mix.normed ? softmax(best) : best);
  return {
    weights: graph.site(insideModule(path, 'router_weights'), 'router', mix.experts, weights),
    chosen: spread(ones),
  };
}

/** All experts' hidden units [rows, experts x inner], as if every token were given to every expert. */
function hiddenUnits(
  { graph, ...rest }: Building,
  { activation }: FeedForwardFacts,
  { layout }: MixtureFacts,
  { gate, up, gateBias, upBias }: ExpertWeights,
  x: Value,
): Value {
  const product = (weight: Value, bias?: Value) =>
    graph.node('Gemm', bias ? [x, weight, bias] : [x, weight], { transB: 1 });
  const [shut, through] = [product(gate, gateBias), product(up, upBias)];
  if (layout !== 'interleaved') return graph.node('Mul', [activate({ graph, ...rest }, activation, shut), through]);
  // gpt-oss: x sigmoid(1.702 x) of the gate up to 7, times what it lets through, within 7 of 0, and 1.
  const number = (n: number) => graph.numbers(`number.${n}`, Float32Array.of(n), []);
  const open = graph.node('QuickGelu', [graph.node('Clip', [shut, '', number(7)])], { alpha: { float: 1.702 } });
  const bounded = graph.node('Clip', [through, number(-7), number(7)]);
  return graph.node('Mul', [graph.node('Add', [bounded, number(1)]), open]);
}
