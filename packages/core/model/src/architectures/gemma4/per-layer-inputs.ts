import type { Value } from '../../graph/graph-builder.js';
import { type Building, embedding, linear } from '../../graph/module.js';
import { normOfHeads } from '../../graph/norm.js';
import type { TokenInputs } from '../../graph/token-inputs.js';
import { times } from '../llama/llama-block.js';
import type { Gemma4Facts } from './gemma4-facts.js';

/**
 * What each block has of each token beside the residual stream, [rows, width]: rows of a table of their own, and what a product makes of the
 * embeddings, normalized block by block.
 *
 * @param embeddings [rows, hiddenSize]
 */
export function perLayerInputs(
  b: Building,
  facts: Gemma4Facts,
  base: string,
  { ids }: TokenInputs,
  embeddings: Value,
): Value[] | undefined {
  if (!facts.perLayer) return undefined;
  const { graph } = b;
  const { hiddenSize: from, blocks, norm } = facts;
  const { width, entries } = facts.perLayer;
  const count = blocks.length;
  const all = count * width;
  const own = embedding(b, `${base}embed_tokens_per_layer`, ids, entries, all, Math.fround(Math.sqrt(width)));
  const product = linear(b, `${base}per_layer_model_projection`, embeddings, { from, to: all, bias: false });
  const scaled = times(b, product, Math.fround(from ** -0.5));
  const normed = normOfHeads(b, `${base}per_layer_projection_norm`, scaled, count, width, norm);
  const joined = times(b, graph.node('Add', [normed, own]), Math.fround(Math.SQRT1_2));
  return graph.nodes('Split', [joined, graph.shape(Array(count).fill(width))], count, { axis: -1 });
}
