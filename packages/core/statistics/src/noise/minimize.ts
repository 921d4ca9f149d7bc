const golden = (3 - Math.sqrt(5)) / 2;

/**
 * The x in [low, high] that minimises a function: the best of `points` evenly spaced ones, refined by Brent's method
 * between its neighbours. The same function gives the same x, whatever else is fitted.
 *
 * Source: Brent, Algorithms for Minimization without Derivatives (1973), chapter 5.
 */
export function minimize(
  f: (x: number) => number,
  low: number,
  high: number,
  points: number,
  tolerance = 1e-9,
): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  const step = (high - low) / (points - 1);
  for (let i = 0; i < points; i++) {
    const value = f(low + i * step);
    if (value < least) {
      least = value;
      best = i;
    }
  }
  const found = brent(f, low + Math.max(0, best - 1) * step, low + Math.min(points - 1, best + 1) * step, tolerance);
  const edge = low + best * step;
  return f(found) <= least ? found : edge;
}

function brent(f: (x: number) => number, low: number, high: number, tolerance: number): number {
  let a = low;
  let b = high;
  let x = a + golden * (b - a);
  let w = x;
  let v = x;
  let fx = f(x);
  let fw = fx;
  let fv = fx;
  let d = 0;
  let e = 0;
  for (let i = 0; i < 100; i++) {
    const middle = 0.5 * (a + b);
    const limit = tolerance * Math.abs(x) + tolerance * 0.1;
    if (Math.abs(x - middle) <= 2 * limit - 0.5 * (b - a)) break;
    let parabolic = false;
    if (Math.abs(e) > limit) {
      const r = (x - w) * (fx - fv);
      let q = (x - v) * (fx - fw);
      let p = (x - v) * q - (x - w) * r;
      q = 2 * (q - r);
      if (q > 0) p = -p;
      q = Math.abs(q);
      const before = e;
      e = d;
      if (Math.abs(p) < Math.abs(0.5 * q * before) && p > q * (a - x) && p < q * (b - x)) {
        d = p / q;
        const u = x + d;
        if (u - a < 2 * limit || b - u < 2 * limit) d = x < middle ? limit : -limit;
        parabolic = true;
      }
    }
    if (!parabolic) {
      e = x < middle ? b - x : a - x;
      d = golden * e;
    }
    const u = Math.abs(d) >= limit ? x + d : x + (d > 0 ? limit : -limit);
    const fu = f(u);
    if (fu <= fx) {
      if (u < x) b = x;
      else a = x;
      v = w;
      fv = fw;
      w = x;
      fw = fx;
      x = u;
      fx = fu;
    } else {
      if (u < x) a = u;
      else b = u;
      if (fu <= fw || w === x) {
        v = w;
        fv = fw;
        w = u;
        fw = fu;
      } else if (fu <= fv || v === x || v === w) {
        v = u;
        fv = fu;
      }
    }
  }
  return x;
}

/**
 * Where the slope of a function passes from falling to rising, near the best point `middle` of a grid and between its
 * neighbours; the end of the grid where the function falls all the way to it. False position (Illinois) with bisection.
 */
export function stationaryPoint(slope: (x: number) => number, low: number, middle: number, high: number): number {
  const atMiddle = slope(middle);
  let a = atMiddle > 0 ? low : middle;
  let b = atMiddle > 0 ? middle : high;
  if (a === b) return middle;
  let fa = atMiddle > 0 ? slope(a) : atMiddle;
  let fb = atMiddle > 0 ? atMiddle : slope(b);
  if (!(fa < 0 && fb > 0)) return fa >= 0 ? a : b;
  for (let i = 0; i < 100; i++) {
    let x = (a * fb - b * fa) / (fb - fa);
    if (!(x > a && x < b) || i % 8 === 7) x = 0.5 * (a + b);
    const fx = slope(x);
    if (fx === 0 || b - a < 1e-14) return x;
    const moved = fx < 0 ? x - a : b - x;
    if (fx < 0) {
      a = x;
      fa = fx;
      fb *= 0.5;
    } else {
      b = x;
      fb = fx;
      fa *= 0.5;
    }
    if (moved < 1e-15) return x;
  }
  return 0.5 * (a + b);
}
