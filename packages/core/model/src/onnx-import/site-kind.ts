import type { NodeProto } from '@galvani/onnx';
import type { SiteKind } from '../site.js';
import { isHead } from './module-path.js';

const set = (names: string) => new Set(names.split(' '));

const products = set(
  'MatMul Gemm FusedMatMul MatMulInteger MatMulIntegerToFloat DynamicQuantizeMatMul QLinearMatMul QGemm MatMulNBits MatMulBnb4 MatMulFpQ4 Conv ConvInteger',
);
const norms = set(
  'LayerNormalization SimplifiedLayerNormalization SkipLayerNormalization SkipSimplifiedLayerNormalization RMSNormalization',
);
const attentions = set(
  'Attention QAttention MultiHeadAttention GroupQueryAttention DecoderMaskedMultiHeadAttention DecoderMaskedSelfAttention PackedAttention PackedMultiHeadAttention SparseAttention',
);
const activations = set(
  'Erf Gelu FastGelu BiasGelu QuickGelu Relu Tanh Sigmoid Elu LeakyRelu Softplus Swish HardSwish Mish',
);

/** Whether a node starts a module's work: a product, a whole norm or attention is never the end of another's. */
export const startsModule = ({ opType }: Pick<NodeProto, 'opType'>) =>
  products.has(opType) || norms.has(opType) || attentions.has(opType);

/** The kind of the module that is made of these nodes. */
export function kindOf(path: string, nodes: readonly NodeProto[], weights: ReadonlySet<string>): SiteKind {
  const own = (types: ReadonlySet<string>) => nodes.some(({ opType }) => types.has(opType));
  const reads = (test: (name: string) => boolean, ...types: string[]) =>
    nodes.some(({ opType, input }) => types.includes(opType) && input.some(test));
  const isWeight = (name: string) => weights.has(name);
  if (isHead(path)) return 'head';
  if (reads(isWeight, 'Gather') || nodes.some(({ opType }) => opType === 'GatherBlockQuantized')) return 'embedding';
  const [weighted, others] = [true, false].map((wanted) =>
    nodes.some(({ opType, input }) => products.has(opType) && input.some(isWeight) === wanted),
  );
  // Attention whose projections bear no names.
  if (others || own(attentions) || nodes.some(({ opType }) => opType === 'Softmax')) return 'other';
  if (weighted) return 'linear';
  if (own(norms) || nodes.some(({ opType }) => opType === 'ReduceMean')) return 'norm';
  // Of a product whose node bears another name the bias remains.
  if (reads((name) => name === `${path}.bias` && isWeight(name), 'Add')) return 'linear';
  return own(activations) ? 'activation' : 'other';
}
