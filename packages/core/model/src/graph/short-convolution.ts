import type { CachePart } from './block-cache.js';
import type { Value } from './graph-builder.js';
import { gatedProduct } from './inside-block.js';
import { type Building, linear } from './module.js';
import { carried, carriedRows, carry, convolution } from './recurrence.js';
import type { TokenInputs } from './token-inputs.js';

/**
 * A short convolution between two gates, all three made of the token by one product (LFM2), in place of attention. Joins `caches` with the
 * convolution's last inputs.
 *
 * @param path of its module, `model.layers.0.conv`
 * @param x [rows, width]; the result is as wide
 */
export function shortConvolution(
  b: Building,
  index: number,
  inputs: TokenInputs,
  path: string,
  x: Value,
  { width, kernel, bias }: { width: number; kernel: number; bias: boolean },
  caches: CachePart[][],
): Value {
  const { graph } = b;
  const rows = carriedRows(b, inputs);
  const parts: CachePart[] = [{ name: `${index}.convolved`, dims: [kernel - 1, width] }];
  const [before] = carried(b, parts, rows);
  const all = linear(b, `${path}.in_proj`, x, { from: width, to: 3 * width, bias });
  const [first, last, through] = graph.nodes('Split', [all, graph.shape([width, width, width])], 3, { axis: -1 });
  const grid = graph.node('Concat', [inputs.grid, graph.shape([width])], { axis: 0 });
  const given = graph.node('Reshape', [graph.node('Mul', [first, through]), grid]);
  const { mixed, after } = convolution(b, `${path}.conv`, given, before, rows, { channels: width, kernel, bias });
  carry(b, parts, [after]);
  caches[index] = parts;
  const flat = graph.node('Reshape', [mixed, graph.shape([-1, width])]);
  return linear(b, `${path}.out_proj`, gatedProduct(b, path, width, last, flat), { from: width, to: width, bias });
}
