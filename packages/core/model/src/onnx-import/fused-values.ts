import { type GraphProto, graphNode, type NodeProto } from '@galvani/onnx';

/*
 * Fused operators hide outputs of modules. A norm that adds two tensors first (SkipLayerNormalization) hides the residual sum,
 * and may, like a Gelu, add the bias of the product in front of it. Both can be had: the sum is an output of the norm that the
 * file need not ask for, and the bias can be added once more, beside the operator.
 */

/** Whether a node adds two tensors and normalises the sum: SkipLayerNormalization, SkipSimplifiedLayerNormalization. */
export const isFusedNorm = ({ opType }: NodeProto) => /^Skip\w*LayerNormalization$/.test(opType);

/** Where the sum stands among a fused norm's outputs. */
const sumPlace = 3;

/** The tensor of a fused norm's sum: its own name, or the one that `withHidden` gives it. */
export const sumOf = ({ output }: NodeProto) => output[sumPlace] || `galvani:sum:${output[0]}`;

/** The bias that a fused operator adds to a tensor that it reads. */
export function fusedBias(node: NodeProto): string | undefined {
  const { opType, input } = node;
  if (isFusedNorm(node)) return input[4] || undefined;
  if (/^(Bias\w+|FastGelu)$/.test(opType)) return input[1] || undefined;
  // Of queries, keys and values together.
  if (/^(Packed)?MultiHeadAttention$/.test(opType)) return input[3] || undefined;
  return opType === 'DecoderMaskedMultiHeadAttention' ? input[10] || undefined : undefined;
}

const biasedPrefix = 'galvani:biased:';

/** Whether a tensor is one that `biasedValue` names. */
export const isBiased = (value: string) => value.startsWith(biasedPrefix);

/** The tensor with the fused bias added, as `withHidden` makes it. */
export const biasedValue = (value: string) => biasedPrefix + value;

/** The graph with those of the wanted tensors that `sumOf` and `biasedValue` name. */
export function withHidden(graph: GraphProto, wanted: Iterable<string>): GraphProto {
  const names = new Set(wanted);
  const node = graph.node.map((each) => {
    if (!isFusedNorm(each) || each.output[sumPlace] || !names.has(sumOf(each))) return each;
    const output = Array.from({ length: sumPlace }, (_, i) => each.output[i] ?? '');
    return { ...each, output: [...output, sumOf(each)] };
  });
  for (const name of names) {
    if (!isBiased(name)) continue;
    const value = name.slice(biasedPrefix.length);
    const bias = graph.node.flatMap((each) => (each.input.includes(value) ? (fusedBias(each) ?? []) : []))[0];
    if (bias) node.push(graphNode('Add', [value, bias], [name]));
  }
  return { ...graph, node };
}
