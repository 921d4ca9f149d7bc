import { normalQuantile } from './normal.js';

/**
 * Where a distribution function, falling in its parameter, is p: secant steps on the normal scale, on which it is nearly
 * straight, kept inside a bracket that bisection closes where they leave it.
 *
 * @param cdf falling from one to zero as x grows
 * @param first a guess, and `second` another
 */
export function parameterAt(
  cdf: (x: number) => number,
  p: number,
  first: number,
  second: number,
  low: number,
  high: number,
): number {
  const target = normalQuantile(p);
  const height = (x: number) => normalQuantile(Math.min(1, Math.max(0, cdf(x)))) - target;
  let [a, b] = [low, high];
  let [x0, x1] = [first, second];
  let f0 = height(x0);
  for (let i = 0; i < 200; i++) {
    const f1 = height(x1);
    if (f1 > 0) a = Math.max(a, x1);
    else b = Math.min(b, x1);
    if (f1 === 0) return x1;
    let next = x1 - (f1 * (x1 - x0)) / (f1 - f0);
    if (!(next > a && next < b)) next = 0.5 * (a + b);
    if (Math.abs(next - x1) <= 1e-10 * (1 + Math.abs(x1)) || b - a <= 1e-13 * (1 + Math.abs(x1))) return next;
    x0 = x1;
    f0 = f1;
    x1 = next;
  }
  return x1;
}
