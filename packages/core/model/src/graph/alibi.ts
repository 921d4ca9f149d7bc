import type { Value } from './graph-builder.js';
import type { Building } from './module.js';
import type { TokenInputs } from './token-inputs.js';

/**
 * Attention with linear biases (Press, Smith, Lewis 2021, arXiv 2108.12409): to the product of a query with a key is added the key's
 * position times the head's slope. That differs from slope times distance by a number that is the same for all keys of a query, which
 * softmax does not see.
 *
 * @param table what is added, [heads x contextLength]
 * @returns [1, heads, sequence, keys], for `attention`
 */
export function alibi({ graph }: Building, inputs: TokenInputs, table: Float32Array, heads: number): Value {
  const contextLength = table.length / heads;
  const all = graph.numbers(`alibi.${heads}x${contextLength}`, table, [1, heads, 1, contextLength]);
  const keys = graph.node('Reshape', [graph.node('Cast', [inputs.longest], { to: 7 }), graph.shape([1])]);
  const seen = graph.node('Slice', [all, graph.shape([0]), keys, graph.shape([3])]);
  const queries = graph.node('Gather', [inputs.grid, graph.shape([1])], { axis: 0 });
  return graph.node('Expand', [seen, graph.node('Concat', [graph.shape([1, heads]), queries, keys], { axis: 0 })]);
}

/** Biases of keys at all positions: slope x position, [heads x contextLength]. */
export function alibiTable(slopes: Float32Array, contextLength: number): Float32Array {
  return Float32Array.from({ length: slopes.length * contextLength }, (_, i) => {
    return slopes[Math.floor(i / contextLength)] * (i % contextLength);
  });
}

/** Slopes of the paper: 2^(-8 i / heads) for a power of two; for other numbers, those of the next lower power and every other one of the next higher. */
export function alibiSlopes(heads: number): Float32Array {
  const lower = 2 ** Math.floor(Math.log2(heads));
  return Float32Array.from({ length: heads }, (_, i) =>
    i < lower ? 2 ** ((-8 * (i + 1)) / lower) : 2 ** ((-4 * (2 * (i - lower) + 1)) / lower),
  );
}
