/** Bound of |ar|, the one that `ar1` has for rho. */
export const mostAr = 0.9999;

/**
 * ar and ma on scales on which the likelihood changes at one pace: 1 - |ar| and 1 - |ma| in their logarithms, down to where
 * a segment is too short to tell them from 0. The scale of ma has a length of a multiple of `step` and ends at -1 and 1.
 */
export interface ArmaScales {
  /** ma is -1 and 1 at x = -end and end. */
  end: number;
  maAt(x: number): number;
  /** |ar| is at its bound at y = -arEnd and arEnd. */
  arEnd: number;
  arAt(y: number): number;
}

export function armaScales(longest: number, step: number): ArmaScales {
  const end = step * Math.ceil(Math.log(2 / Math.min(0.01, 1 / longest)) / 2 / step);
  const arEnd = Math.atanh(mostAr);
  return {
    end,
    maAt: (x) => Math.tanh(x) / Math.tanh(end),
    arEnd,
    arAt: (y) => (Math.abs(y) >= arEnd ? Math.sign(y) * mostAr : Math.tanh(y)),
  };
}
