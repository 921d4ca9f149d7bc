import type { Value } from '../../graph/graph-builder.js';
import { type Building, linear } from '../../graph/module.js';
import { norm } from '../../graph/norm.js';
import { insideModule } from '../../site.js';
import { toExperts } from '../llama/experts.js';
import { times } from '../llama/llama-block.js';
import { route } from '../llama/mixture.js';
import type { Gemma4Facts } from './gemma4-facts.js';

/**
 * What a feed-forward gave, normalized, and beside it what experts give that are chosen by the residual stream and take it, each by a norm of their
 * own: [rows, hiddenSize].
 *
 * @param path of the block, `model.layers.0`
 */
export function withExperts(
  b: Building,
  facts: Gemma4Facts,
  { experts, chosen, inner }: NonNullable<Gemma4Facts['experts']>,
  path: string,
  stream: Value,
  fed: Value,
): Value {
  const { graph } = b;
  const { hiddenSize: width } = facts;
  const normed = (name: string, y: Value) => norm(b, `${path}.${name}`, y, width, facts.norm);
  const vector = (name: string, length: number) =>
    graph.weight(b.tensors.require(`${path}.router.${name}`, [length]), [length]);
  const first = normed('post_feedforward_layernorm_1', fed);
  const plain = norm(b, `${path}.router.norm`, stream, width, { ...facts.norm, gain: false });
  const asked = times(b, graph.node('Mul', [plain, vector('scale', width)]), Math.fround(width ** -0.5));
  const logits = linear(b, `${path}.router.proj`, asked, { from: width, to: experts, bias: false });
  const routed = route(b, { experts, chosen, normed: true }, logits);
  const scaled = graph.node('Mul', [routed.weights, vector('per_expert_scale', experts)]);
  const weights = graph.site(insideModule(path, 'router_weights'), 'router', experts, scaled);
  const taken = normed('pre_feedforward_layernorm_2', stream);
  const mix = { experts, inner, layout: 'stacked' } as const;
  const given = toExperts(b, facts, mix, `${path}.experts`, taken, { weights, chosen: routed.chosen });
  return graph.node('Add', [first, normed('post_feedforward_layernorm_2', given)]);
}
