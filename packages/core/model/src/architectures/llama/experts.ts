import { activate } from '../../graph/activation.js';
import type { Value } from '../../graph/graph-builder.js';
import type { Building } from '../../graph/module.js';
import { insideModule } from '../../site.js';
import { type ExpertLayout, type ExpertMatrices, expertMatrices } from './expert-matrices.js';
import type { FeedForwardFacts } from './feed-forward.js';

/** How many experts there are, the hidden units of each, and how their matrices are kept. */
interface Experts {
  experts: number;
  inner: number;
  layout: ExpertLayout;
}

type Surroundings = Pick<FeedForwardFacts, 'hiddenSize' | 'activation'>;

/** What each expert's output is multiplied by, 0 where it is not chosen, and 1 where it is chosen, 0 where not; [rows, experts] both. */
export interface Routed {
  weights: Value;
  chosen: Value;
}

/**
 * The chosen experts' outputs, weighted, [rows, hiddenSize]. Each expert computes the tokens that were given to it; at others its hidden
 * units are 0, where they act on nothing.
 *
 * @param own path of the experts' module, `model.layers.0.mlp.experts`
 */
export function toExperts(
  b: Building,
  facts: Surroundings,
  mix: Experts,
  own: string,
  x: Value,
  { weights, chosen }: Routed,
): Value {
  const { graph } = b;
  const { hiddenSize: width } = facts;
  const { experts, inner } = mix;
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
  return graph.site(own, 'linear', width, sum);
}

/** One expert's hidden units [its rows, inner]. */
function hiddenUnits(
  b: Building,
  { activation }: Surroundings,
  { layout }: Experts,
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
