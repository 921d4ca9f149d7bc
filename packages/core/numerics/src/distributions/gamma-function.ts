/** Half the logarithm of 2 pi. */
const halfLogTwoPi = 0.9189385332046728;

/**
 * Stirling's correction: log gamma(x) - [(x - 1/2) log x - x + 1/2 log 2 pi], for x >= 10 (absolute error under 1e-17).
 *
 * Source: Abramowitz and Stegun 6.1.41.
 */
export function stirlingCorrection(x: number): number {
  const w = 1 / (x * x);
  return (
    (1 / 12 +
      w *
        (-1 / 360 +
          w *
            (1 / 1260 +
              w * (-1 / 1680 + w * (1 / 1188 + w * (-691 / 360360 + w * (1 / 156 - (w * 3617) / 122400))))))) /
    x
  );
}

/** log gamma(x) for x > 0: the recurrence up to x >= 10, then Stirling's series. */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  if (x === 1 || x === 2) return 0;
  let product = 1;
  let shifted = x;
  while (shifted < 10) {
    product *= shifted;
    shifted += 1;
  }
  const stirling = (shifted - 0.5) * Math.log(shifted) - shifted + halfLogTwoPi + stirlingCorrection(shifted);
  return stirling - Math.log(product);
}

/** log gamma(large) - log gamma(large + small) without cancellation, for large >= 10. */
function logGammaDrop(small: number, large: number): number {
  const sum = large + small;
  return (
    stirlingCorrection(large) -
    stirlingCorrection(sum) -
    small * Math.log(large) +
    (small - (sum - 0.5) * Math.log1p(small / large))
  );
}

/** Stirling's corrections of the logarithm of the beta function, for a, b >= 10. */
export function betaCorrection(a: number, b: number): number {
  return stirlingCorrection(a) + stirlingCorrection(b) - stirlingCorrection(a + b);
}

/**
 * Logarithm of the beta function B(a, b), a, b > 0, without the cancellation of three log gammas.
 *
 * Source: Didonato and Morris, ACM TOMS 18 (1992), algorithm 708 (BETALN).
 */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (small >= 10) {
    const ratio = small / large;
    const u = -(small - 0.5) * Math.log(ratio / (1 + ratio));
    const v = large * Math.log1p(ratio);
    return -0.5 * Math.log(large) + halfLogTwoPi + betaCorrection(small, large) - u - v;
  }
  if (large >= 10) return logGamma(small) + logGammaDrop(small, large);
  return logGamma(small) + logGamma(large) - logGamma(small + large);
}
