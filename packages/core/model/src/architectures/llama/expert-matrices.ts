import type { Value } from '../../graph/graph-builder.js';
import type { Building } from '../../graph/module.js';

/**
 * How a family's module keeps its experts' matrices: gate above up-projection in one tensor [experts, 2 x inner, width], or, with biases, [experts,
 * width, 2 x inner] and both interleaved (gpt-oss). Files of the former may hold them expert by expert.
 */
export type ExpertLayout = 'stacked' | 'interleaved';

/** One expert's matrices. */
export interface ExpertMatrices {
  /** [inner, width], and [width, inner] of `down`, where `transposed` is 1; the other way round where it is 0. */
  gate: Value;
  up: Value;
  down: Value;
  transposed: 0 | 1;
  /** [inner], [inner] and [width]. */
  gateBias?: Value;
  upBias?: Value;
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
export function expertMatrices(
  b: Building,
  path: string,
  expert: number,
  { experts, inner, layout }: Sizes,
  width: number,
): ExpertMatrices {
  const { graph } = b;
  const weight = (name: string, shape: number[]) => graph.weight(b.tensors.require(`${path}.${name}`, shape), shape);
  const pick = (value: Value, index: number, axis: number) =>
    graph.node('Gather', [value, graph.numbers(`scalar.${index}`, BigInt64Array.of(BigInt(index)), [])], { axis });
  const own = (name: string, shape: number[]) => pick(weight(name, [experts, ...shape]), expert, 0);
  if (layout === 'interleaved') {
    const both = graph.node('Reshape', [own('gate_up_proj', [width, 2 * inner]), graph.shape([width, inner, 2])]);
    const biases = graph.node('Reshape', [own('gate_up_proj_bias', [2 * inner]), graph.shape([inner, 2])]);
    return {
      ...{ gate: pick(both, 0, 2), up: pick(both, 1, 2), down: own('down_proj', [inner, width]), transposed: 0 },
      ...{ gateBias: pick(biases, 0, 1), upBias: pick(biases, 1, 1), downBias: own('down_proj_bias', [width]) },
    };
  }
  if (b.tensors.has(`${path}.gate_up_proj`) || !b.tensors.has(`${path}.0.gate_proj.weight`)) {
    const [gate, up] = graph.nodes('Split', [own('gate_up_proj', [2 * inner, width]), graph.shape([inner, inner])], 2, {
      axis: 0,
    });
    return { gate, up, down: own('down_proj', [width, inner]), transposed: 1 };
  }
  const single = (name: string, shape: number[]) => weight(`${expert}.${name}.weight`, shape);
  return {
    gate: single('gate_proj', [inner, width]),
    up: single('up_proj', [inner, width]),
    down: single('down_proj', [width, inner]),
    transposed: 1,
  };
}
