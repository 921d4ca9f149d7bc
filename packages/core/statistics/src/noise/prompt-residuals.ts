import type { DesignMatrix, DesignSpace } from '../design-matrix.js';
import type { Segments } from '../layout.js';
import { basisDesign } from './basis-design.js';
import type { Moments } from './moment-sums.js';

/** Sums of the design over each segment and over its edge rows, on the basis, each [segments x rank]. */
export interface SegmentDesign {
  sums: Float64Array;
  edges: Float64Array;
}

/** Sums a design over segments and over their first and last rows. */
export function segmentDesign(design: DesignMatrix, space: DesignSpace, segments: Segments): SegmentDesign {
  const { rank } = space;
  const x = basisDesign(design, space);
  const sums = new Float64Array(segments.count * rank);
  const edges = new Float64Array(segments.count * rank);
  for (let s = 0; s < segments.count; s++) {
    const first = segments.start[s];
    const last = first + segments.length[s] - 1;
    for (let a = 0; a < rank; a++) {
      for (let i = first; i <= last; i++) sums[s * rank + a] += x[i * rank + a];
      edges[s * rank + a] = x[first * rank + a] + x[last * rank + a];
    }
  }
  return { sums, edges };
}

/** Sums of least-squares residuals over segments and over their edge rows, [segments x units], in place of the moments' own. */
export function residualSums(
  moments: Moments,
  { sums, edges }: SegmentDesign,
  theta: Float64Array,
  rank: number,
): void {
  const { segments, units } = moments;
  const subtract = (from: Float64Array, x: Float64Array) => {
    for (let s = 0; s < segments.count; s++) {
      for (let a = 0; a < rank; a++) {
        const value = x[s * rank + a];
        if (value === 0) continue;
        for (let v = 0, to = s * units, at = a * units; v < units; v++, to++, at++) from[to] -= value * theta[at];
      }
    }
  };
  subtract(moments.sums, sums);
  subtract(moments.edges as Float64Array, edges);
}
