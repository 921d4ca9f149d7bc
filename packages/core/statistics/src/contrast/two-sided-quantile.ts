import { chebyshevInterpolant, tQuantile } from '@galvani/numerics';

const octaves = new Map<number, (w: number) => number>();

/**
 * The t that 2.5% exceed, where each unit has its own degrees of freedom: from a polynomial in 1 / df for each octave of them, to 1e-12
 * of it. A unit's value does not depend on which other units there are.
 */
export function twoSidedQuantile(df: number): number {
  if (!(df >= 1 && df < 2 ** 30)) return tQuantile(0.975, df);
  const octave = Math.floor(Math.log2(df));
  let found = octaves.get(octave);
  if (found === undefined) {
    found = chebyshevInterpolant((w) => tQuantile(0.975, 1 / w), 2 ** -(octave + 1), 2 ** -octave, 20);
    octaves.set(octave, found);
  }
  return found(1 / df);
}
