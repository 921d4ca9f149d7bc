import type { GraphProto, NodeProto } from '../onnx/model-proto.js';

/** Whether a node adds two tensors and normalises the sum: SkipLayerNormalization, SkipSimplifiedLayerNormalization. */
export const isFusedNorm = ({ opType }: NodeProto) => /^Skip\w*LayerNormalization$/.test(opType);

/** Where the sum stands among a fused norm's outputs. */
const place = 3;

/** The tensor of a fused norm's sum: its own name, or the one that `withSums` gives it. */
export const sumOf = ({ output }: NodeProto) => output[place] || `galvani:sum:${output[0]}`;

/** The graph in which fused norms also put out those of the wanted sums that nobody in the file asks for. */
export function withSums(graph: GraphProto, wanted: Iterable<string>): GraphProto {
  const names = new Set(wanted);
  const node = graph.node.map((each) => {
    if (!isFusedNorm(each) || each.output[place] || !names.has(sumOf(each))) return each;
    const output = Array.from({ length: place }, (_, i) => each.output[i] ?? '');
    return { ...each, output: [...output, sumOf(each)] };
  });
  return { ...graph, node };
}
