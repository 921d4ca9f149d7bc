import type { Value } from '../../graph/graph-builder.js';
import { type Building, linear } from '../../graph/module.js';
import { insideModule } from '../../site.js';
import type { ExpertLayout } from './expert-matrices.js';
import { type Routed, toExperts } from './experts.js';
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
 * The chosen experts' outputs, weighted by the router, [rows, hiddenSize], and what every token is given to.
 *
 * @param path of the module, `model.layers.0.mlp`
 */
export function mixture(b: Building, facts: FeedForwardFacts, mix: MixtureFacts, path: string, x: Value): Value {
  const { graph } = b;
  const { hiddenSize: width } = facts;
  const { experts, router } = mix;
  const own = `${path}.experts`;
  const logits = linear(b, `${path}.${router.name}`, x, { from: width, to: experts, bias: router.bias });
  const { weights: plain, chosen } = route(b, mix, logits);
  const weights = graph.site(insideModule(path, 'router_weights'), 'router', experts, plain);
  const given = toExperts(b, facts, mix, own, x, { weights, chosen });
  if (mix.shared === undefined) return given;
  const sharedFacts = { ...facts, feedForward: mix.shared };
  const shared = feedForward(b, sharedFacts, `${path}.shared_expert`, x);
  const gate = linear(b, `${path}.shared_expert_gate`, x, { from: width, to: 1, bias: false });
  return graph.node('Add', [given, graph.node('Mul', [graph.node('Sigmoid', [gate]), shared])]);
}

/** What each expert's output is multiplied by, 0 where it is not chosen, and 1 where it is chosen, 0 where not; [rows, experts] both. */
export function route(b: Building, mix: Pick<MixtureFacts, 'experts' | 'chosen' | 'normed'>, logits: Value): Routed {
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
  return { weights, chosen: spread(ones) };
}
