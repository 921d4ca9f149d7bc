import { activation } from './activation.js';
import type { Value } from './graph-builder.js';
import { type Building, linear } from './module.js';
import { type NormForm, norm } from './norm.js';

/** The modules of a head that fills masked tokens in, by their paths. */
export interface MaskedHeadNames {
  dense: string;
  /** None where the activation is no module of its own: RoBERTa's is an exact GELU, whatever hidden_act says. */
  activation?: string;
  norm: string;
  decoder: string;
  /** What the decoder's bias is called where the file has it once. */
  bias?: string;
}

/** How such a head is made. */
export interface MaskedHeadForm {
  names: MaskedHeadNames;
  width: number;
  /** Numbers that the logits come of. Default: `width`. */
  inner?: number;
  vocabularySize: number;
  activation: string;
  norm: NormForm;
  denseBias: boolean;
  decoderBias: boolean;
  /** The embedding's table, where it is the decoder's. */
  tied?: string;
}

/**
 * What an encoder was trained with: at each position a product, its activation, a norm, and logits of the token that is there, of the rows `head_rows` alone.
 * Nothing is added where the file has no such head.
 */
export function maskedHead(b: Building, form: MaskedHeadForm, hidden: Value, rows: Value): void {
  const { names, width, inner = width, vocabularySize } = form;
  if (!b.tensors.has(`${names.dense}.weight`)) return;
  const { graph, tensors } = b;
  const dense = linear(b, names.dense, hidden, { from: width, to: inner, bias: form.denseBias });
  const active = names.activation
    ? activation(b, names.activation, form.activation, dense, inner)
    : graph.node('Gelu', [dense]);
  const normed = norm(b, names.norm, active, inner, form.norm);
  const shape = [vocabularySize, inner];
  const table = graph.weight(tensors.require(form.tied ?? `${names.decoder}.weight`, shape), shape);
  const operands = [graph.node('Gather', [normed, rows], { axis: 0 }), table];
  if (form.decoderBias) {
    const own = `${names.decoder}.bias`;
    const bias = names.bias && !tensors.has(own) ? names.bias : own;
    operands.push(graph.weight(tensors.require(bias, [vocabularySize]), [vocabularySize]));
  }
  graph.site(names.decoder, 'head', vocabularySize, graph.node('Gemm', operands, { transB: 1 }));
}
