import { activate } from '../../graph/activation.js';
import type { Value } from '../../graph/graph-builder.js';
import { type Building, linear } from '../../graph/module.js';
import { insideModule } from '../../site.js';
import { type ExpertLayout, type ExpertMatrices, expertMatrices } from './expert-matrices.js';
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
 * The chosen experts' outputs, weighted by the router, [rows, hiddenSize]. Each expert computes the tokens that were given to it; at others its hidden
 * units are 0, where they act on nothing.
 *
 * @param path of the module, `model.layers.0.mlp`
 */
export function mixture(b: Building, facts: FeedForwardFacts, mix: MixtureFacts, path: string, x: Value): Value {
  const { graph } = b;
  const { hiddenSize: width } = facts;
  const { experts, inner, router } = mix;
  const own = `${path}.experts`;
  const logits = linear(b, `${path}.${router.name}`, x, { from: width, to: experts, bias: router.bias });
  const { weights, chosen } = route(b, mix, path, logits);
  const turned = (y: Value) => graph.node('Transpose', [y], { perm: [1, 0] });
  const [byExpert, givenTo] = [turned(weights), turned(chosen)];
  const number = (n: number) => graph.numbers(`scalar.${n}`, BigInt64Array.of(BigInt(n)), []);
  const rows = graph.node('Gather', [graph.node('Shape', [x]), graph.shape([0])], { axis: 0 });
  const none = (to: Value) =>
    graph.node('Expand', [
      graph.numbers('number.0', Float32Array.of(0), []),
      graph.node('Concat', [rows, to], { axis: 0 }),
    ]);
  const still = none(graph.shape([inner]));
  const each = Array.from({ length: experts }, (_, e) => {
    const given = graph.node('NonZero', [graph.node('Gather', [givenTo, number(e)], { axis: 0 })]);
    const tokens = graph.node('Reshape', [given, graph.shape([-1])]);
    const matrices = expertMatrices(b, own, e, mix, width);
    const hidden = hiddenUnits(b, facts, mix, matrices, graph.node('Gather', [x, tokens], { axis: 0 }));
    const places = graph.node('Reshape', [tokens, graph.shape([-1, 1])]);
    return { tokens, places, matrices, units: graph.node('ScatterND', [still, places, hidden]) };
  });
  const units = graph.node(
    'Concat',
    each.map(({ units }) => units),
    { axis: -1 },
  );
  const gated = graph.site(insideModule(own, 'gated'), 'gated', experts * inner, units);
  const parts = graph.nodes('Split', [gated, graph.shape(Array(experts).fill(inner))], experts, { axis: -1 });
  let sum = none(graph.shape([width]));
  for (const [e, { tokens, places, matrices }] of each.entries()) {
    const taken = graph.node('Gather', [parts[e], tokens], { axis: 0 });
    const inputs = [taken, matrices.down, ...(matrices.downBias ? [matrices.downBias] : [])];
    const out = graph.node('Gemm', inputs, { transB: matrices.transposed });
    const weight = graph.node('Gather', [graph.node('Gather', [byExpert, number(e)], { axis: 0 }), tokens], {
      axis: 0,
    });
    const weighted = graph.node('Mul', [out, graph.node('Reshape', [weight, graph.shape([-1, 1])])]);
    sum = graph.node('ScatterND', [sum, places, weighted], { reduction: 'add' });
  }
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

/** One expert's hidden units [its rows, inner]. */
function hiddenUnits(
  b: Building,
  { activation }: FeedForwardFacts,
  { layout }: MixtureFacts,
  { gate, up, gateBias, upBias, transposed }: ExpertMatrices,
  x: Value,
): Value {
  const { graph } = b;
  const product = (weight: Value, bias?: Value) =>
    graph.node('Gemm', bias ? [x, weight, bias] : [x, weight], { transB: transposed });
  const [shut, through] = [product(gate, gateBias), product(up, upBias)];
  if (layout !== 'interleaved') return graph.node('Mul', [activate(b, activation, shut), through]);
  // gpt-oss: x sigmoid(1.702 x) of the gate up to 7, times what it lets through, within 7 of 0, and 1.
  const number = (n: number) => graph.numbers(`number.${n}`, Float32Array.of(n), []);
  const open = graph.node('QuickGelu', [graph.node('Clip', [shut, '', number(7)])], { alpha: { float: 1.702 } });
  const bounded = graph.node('Clip', [through, number(-7), number(7)]);
  return graph.node('Mul', [graph.node('Add', [bounded, number(1)]), open]);
}
