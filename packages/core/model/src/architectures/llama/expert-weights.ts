import type { Value } from '../../graph/graph-builder.js';
import type { Building } from '../../graph/module.js';

/**
 * How a family's module keeps its experts' matrices: gate above up-projection in one tensor [experts, 2 x inner, width], or, with biases, [experts,
 * width, 2 x inner] and both interleaved (gpt-oss). Files of the former may hold them expert by expert.
 */
export type ExpertLayout = 'stacked' | 'interleaved';

/** All experts' matrices as those of one wide feed-forward. */
export interface ExpertWeights {
  /** [experts x inner, width], their biases [experts x inner]. */
  gate: Value;
  up: Value;
  gateBias?: Value;
  upBias?: Value;
  /** [experts x inner, width], or [width, experts x inner] where `downTransposed`. */
  down: Value;
  downTransposed: boolean;
  /** [experts, width]. */
  downBias?: Value;
}

interface Sizes {
  experts: number;
  inner: number;
  layout: ExpertLayout;
}

/**
 * The graph's way to them, which onnxruntime goes once, when it opens the graph.
 *
 * @param path of the experts' module, `model.layers.0.mlp.experts`
 */
export function expertWeights(b: Building, path: string, sizes: Sizes, width: number): ExpertWeights {
  if (sizes.layout === 'interleaved') return interleaved(b, path, sizes, width);
  if (b.tensors.has(`${path}.gate_up_proj`) || !b.tensors.has(`${path}.0.gate_proj.weight`))
    return stacked(b, path, sizes, width);
  const { experts, inner } = sizes;
  const joined = (name: string, shape: number[], axis: number) => {
    const parts = Array.from({ length: experts }, (_, e) => weight(b, `${path}.${e}.${name}.weight`, shape));
    return b.graph.node('Concat', parts, { axis });
  };
  return {
    gate: joined('gate_proj', [inner, width], 0),
    up: joined('up_proj', [inner, width], 0),
    down: joined('down_proj', [width, inner], 1),
    downTransposed: true,
  };
}

function stacked(b: Building, path: string, { experts, inner }: Sizes, width: number): ExpertWeights {
  const { graph } = b;
  const flat = graph.shape([experts * inner, width]);
  const both = weight(b, `${path}.gate_up_proj`, [experts, 2 * inner, width]);
  const part = (k: number) => {
    const [from, to] = [graph.shape([k * inner]), graph.shape([(k + 1) * inner])];
    return graph.node('Reshape', [graph.node('Slice', [both, from, to, graph.shape([1])]), flat]);
  };
  const down = weight(b, `${path}.down_proj`, [experts, width, inner]);
  return {
    gate: part(0),
    up: part(1),
    down: graph.node('Reshape', [graph.node('Transpose', [down], { perm: [0, 2, 1] }), flat]),
    downTransposed: false,
  };
}

function interleaved(b: Building, path: string, { experts, inner }: Sizes, width: number): ExpertWeights {
  const { graph } = b;
  const flat = [experts * inner, width];
  const both = weight(b, `${path}.gate_up_proj`, [experts, width, 2 * inner]);
  const biases = weight(b, `${path}.gate_up_proj_bias`, [experts, 2 * inner]);
  /** Every other row of a value whose rows are [experts, 2 x inner]. */
  const part = (value: Value, k: number, rest: number[]) => {
    const pairs = graph.node('Reshape', [value, graph.shape([experts * inner, 2, ...rest])]);
    const index = graph.numbers(`scalar.${k}`, BigInt64Array.of(BigInt(k)), []);
    return graph.node('Gather', [pairs, index], { axis: 1 });
  };
  const byRow = graph.node('Transpose', [both], { perm: [0, 2, 1] });
  return {
    gate: part(byRow, 0, [width]),
    up: part(byRow, 1, [width]),
    gateBias: part(biases, 0, []),
    upBias: part(biases, 1, []),
    down: graph.node('Reshape', [weight(b, `${path}.down_proj`, [experts, inner, width]), graph.shape(flat)]),
    downTransposed: false,
    downBias: weight(b, `${path}.down_proj_bias`, [experts, width]),
  };
}

const weight = (b: Building, name: string, shape: number[]) => b.graph.weight(b.tensors.require(name, shape), shape);
