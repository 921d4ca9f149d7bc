import type { Value } from './graph-builder.js';
import type { Building } from './module.js';
import type { RotaryFrequencies } from './rotary-frequencies.js';
import type { TokenInputs } from './token-inputs.js';

/** Rotary position embedding (Su et al. 2021, arXiv 2104.09864): turns queries and keys by angles that grow with the position. */
export interface Rotary {
  /** x is [batch, sequence, heads × headSize]. The first dimensions of each head are turned in pairs. */
  rotate(b: Building, x: Value, heads: number): Value;
}

/**
 * Computes the angles of this run's tokens once, for all blocks that share them.
 *
 * @param neighbours whether pairs are neighbours, and not a dimension of the first half with one of the second
 */
export function createRotary(
  b: Building,
  inputs: TokenInputs,
  { inverse, scale }: RotaryFrequencies,
  neighbours = false,
): Rotary {
  const { graph } = b;
  const half = inverse.length;
  const frequencies = graph.numbers(`rotary.${scale}.${Array.from(inverse).join(',')}`, inverse, [1, half]);
  const column = graph.node('Reshape', [graph.node('Cast', [inputs.positions], { to: 1 }), graph.shape([-1, 1])]);
  const angles = graph.node('Mul', [column, frequencies]);
  const table = (op: 'Cos' | 'Sin'): Value => {
    const values = graph.node(op, [angles]);
    return scale === 1
      ? values
      : graph.node('Mul', [values, graph.numbers(`rotary-scale.${scale}`, Float32Array.of(scale), [])]);
  };
  const cos = table('Cos');
  const sin = table('Sin');
  // The table has a row for each token of the run, so the row number, not the position, looks it up.
  const scalar = (n: number) => graph.numbers(`scalar.${n}`, BigInt64Array.of(BigInt(n)), []);
  const count = graph.node('ReduceProd', [inputs.grid], { keepdims: 0 });
  const rows = graph.node('Reshape', [graph.node('Range', [scalar(0), count, scalar(1)]), inputs.grid]);
  return {
    rotate: (b, x, heads) =>
      b.graph.node('RotaryEmbedding', [x, rows, cos, sin], {
        ...{ num_heads: heads, rotary_embedding_dim: 2 * half },
        ...(neighbours && { interleaved: 1 }),
      }),
  };
}
