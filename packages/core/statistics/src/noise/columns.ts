import { constantWithin, type DesignMatrix } from '../design-matrix.js';
import type { Segments } from '../layout.js';

/** Columns of a design that change within a segment: their products with the series need the series itself. */
export function varyingColumns(design: DesignMatrix, segments: Segments): number[] {
  const constant = constantWithin(design, segments);
  return constant.flatMap((is, j) => (is ? [] : [j]));
}
