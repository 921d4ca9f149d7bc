import type { Value } from './graph-builder.js';
import type { Building } from './module.js';

/**
 * Expanded integral of the exponential linear unit (Huang and Schlag 2024, arXiv 2411.13010): α₊x² + βx above 0, α₋(exp(x) - 1 - x) + βx below, with
 * learned α of a layer.
 */
export function xielu(b: Building, path: string, x: Value): Value {
  const { graph } = b;
  // Parameters have one number, buffers none or one dimension, as they were stored.
  const stored = (name: string) =>
    graph.node('Reshape', [
      graph.weight(b.tensors.stored(`${path}.${name}`), b.tensors.shape(`${path}.${name}`)),
      graph.shape([]),
    ]);
  const number = (n: number) => graph.numbers(`number.${n}`, Float32Array.of(n), []);
  const beta = b.tensors.has(`${path}.beta`) ? stored('beta') : number(0.5);
  const least = b.tensors.has(`${path}.eps`) ? stored('eps') : number(-1e-6);
  const above = graph.node('Softplus', [stored('alpha_p')]);
  const below = graph.node('Add', [beta, graph.node('Softplus', [stored('alpha_n')])]);
  const squared = graph.node('Mul', [graph.node('Mul', [x, x]), above]);
  const exponential = graph.node('Elu', [graph.node('Min', [x, least])]);
  const bent = graph.node('Mul', [graph.node('Sub', [exponential, x]), below]);
  const curve = graph.node('Where', [graph.node('Greater', [x, number(0)]), squared, bent]);
  return graph.node('Add', [curve, graph.node('Mul', [x, beta])]);
}
