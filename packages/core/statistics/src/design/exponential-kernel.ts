import type { DesignMatrix } from '../design-matrix.js';
import type { Segments } from '../layout.js';

/**
 * Convolves every column with the causal kernel (1 - a) a^k, a = exp(-1 / timeConstant), which sums to one: activity that
 * builds up over tokens. Every segment starts afresh: nothing leaks from one context into the next.
 *
 * @param timeConstant in tokens, > 0
 */
export function exponentialKernel(design: DesignMatrix, segments: Segments, timeConstant: number): DesignMatrix {
  if (!(timeConstant > 0)) throw new RangeError(`the time constant must be above 0, not ${timeConstant}`);
  const decay = Math.exp(-1 / timeConstant);
  const { rows, columns } = design;
  const X = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const first = segments.start[segments.ofRow[row]] === row;
    for (let j = 0; j < columns; j++) {
      const before = first ? 0 : X[(row - 1) * columns + j];
      X[row * columns + j] = decay * before + (1 - decay) * design.X[row * columns + j];
    }
  }
  return { ...design, names: [...design.names], X };
}
