/** Where a decreasing function crosses `target`, by bisection with secant steps (Illinois) inside a bracket. */
export function decreasingRoot(f: (x: number) => number, target: number, low: number, high: number): number {
  let a = low;
  let b = high;
  let fa = f(a) - target;
  let fb = f(b) - target;
  if (fa <= 0) return a;
  if (fb >= 0) return b;
  for (let i = 0; i < 200; i++) {
    let x = (a * fb - b * fa) / (fb - fa);
    if (!(x > a && x < b)) x = 0.5 * (a + b);
    const fx = f(x) - target;
    if (fx === 0 || b - a <= 1e-13 * (Math.abs(a) + Math.abs(b))) return x;
    if (fx > 0) {
      a = x;
      fa = fx;
      fb *= 0.5;
    } else {
      b = x;
      fb = fx;
      fa *= 0.5;
    }
    if (Math.abs(fx) < 1e-14) return x;
  }
  return 0.5 * (a + b);
}
