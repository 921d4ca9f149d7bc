import { activation } from '../../graph/activation.js';
import type { Value } from '../../graph/graph-builder.js';
import { gatedProduct } from '../../graph/inside-block.js';
import { type Building, linear } from '../../graph/module.js';

/** What a feed-forward is made of. */
export interface FeedForwardFacts {
  hiddenSize: number;
  feedForward: number;
  activation: string;
  biases: { feedForward: boolean };
  /** A gate and what it lets through from two products, from one (`fused`: GLM), or no gate (Arcee). Default: two. */
  gate?: 'own' | 'fused' | 'none';
  /** Of a feed-forward without a gate: its modules. Default: up_proj, act_fn, down_proj. */
  feedForwardNames?: { up: string; activation: string; down: string };
}

const usualNames = { up: 'up_proj', activation: 'act_fn', down: 'down_proj' };

/**
 * Down-projection of the activation of a gate times what it lets through (Shazeer 2020, arXiv 2002.05202), or of the activation alone where there is no
 * gate. [rows, hiddenSize] -> the same.
 *
 * @param path of the module, `model.layers.0.mlp`
 */
export function feedForward(b: Building, facts: FeedForwardFacts, path: string, x: Value): Value {
  const { hiddenSize: width, feedForward: inner, gate = 'own', feedForwardNames: names = usualNames } = facts;
  const bias = facts.biases.feedForward;
  const product = (name: string, y: Value, from: number, to: number) =>
    linear(b, `${path}.${name}`, y, { from, to, bias });
  const act = (name: string, y: Value) => activation(b, `${path}.${name}`, facts.activation, y, inner);
  const down = (y: Value) => product(names.down, y, inner, width);
  if (gate === 'none') return down(act(names.activation, product(names.up, x, width, inner)));
  if (gate === 'fused') {
    const both = product('gate_up_proj', x, width, 2 * inner);
    const [shut, up] = b.graph.nodes('Split', [both, b.graph.shape([inner, inner])], 2, { axis: -1 });
    return down(gatedProduct(b, path, inner, act('activation_fn', shut), up));
  }
  const open = act('act_fn', product('gate_proj', x, width, inner));
  return down(gatedProduct(b, path, inner, open, product('up_proj', x, width, inner)));
}
