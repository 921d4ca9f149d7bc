/** log(1 - exp(x)) for x <= 0, accurate at both ends. Source: Maechler, "Accurately computing log(1 - exp(-|a|))", 2012. */
export function log1mExp(x: number): number {
  return x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
}

/**
 * log(exp(a) + exp(b)) without overflow.
 *
 * @example logAddExp(-1000, -1000) // -999.307
 */
export function logAddExp(a: number, b: number): number {
  const high = Math.max(a, b);
  const low = Math.min(a, b);
  return low === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(low - high));
}

/** x - log(1 + x), without cancellation near 0. */
export function logDeficit(x: number): number {
  if (Math.abs(x) > 0.25) return x - Math.log1p(x);
  // With r = x / (2 + x): log(1 + x) = 2 (r + r^3/3 + ...), and x = 2r / (1 - r).
  const r = x / (2 + x);
  const r2 = r * r;
  let tail = 0;
  let power = r2 * r;
  for (let k = 3; k < 60; k += 2) {
    const term = power / k;
    tail += term;
    if (Math.abs(term) < 1e-18 * Math.abs(tail)) break;
    power *= r2;
  }
  return 2 * (r2 / (1 - r) - tail);
}
