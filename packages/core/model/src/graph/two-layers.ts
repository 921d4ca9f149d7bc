import { activation } from './activation.js';
import type { Value } from './graph-builder.js';
import { type Building, linear } from './module.js';

/** A feed-forward without a gate. */
export interface TwoLayers {
  /** Numbers of a row before and after, and between. */
  width: number;
  inner: number;
  activation: string;
  bias: boolean;
  /** Module paths. */
  up: string;
  act: string;
  down: string;
}

/** `[rows, width] -> [rows, width]`: a product, an activation and a product, each named as a site. */
export function twoLayers(b: Building, x: Value, form: TwoLayers): Value {
  const { width, inner, bias } = form;
  const wide = linear(b, form.up, x, { from: width, to: inner, bias });
  return linear(b, form.down, activation(b, form.act, form.activation, wide, inner), { from: inner, to: width, bias });
}
