import type { Value } from './graph-builder.js';
import type { Building } from './module.js';

/** onnxruntime's own is right to 1e-7 of 1, not of itself, and norms behind what is carried from token to token make large what is small. */
export function sigmoid(b: Building, x: Value): Value {
  const one = b.graph.numbers('number.1', Float32Array.of(1), []);
  return b.graph.node('Div', [one, b.graph.node('Add', [b.graph.node('Exp', [b.graph.node('Neg', [x])]), one])]);
}

/** x times its sigmoid. */
export const silu = (b: Building, x: Value): Value => b.graph.node('Mul', [x, sigmoid(b, x)]);
