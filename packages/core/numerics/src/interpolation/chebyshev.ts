/**
 * A polynomial through a smooth function's values at Chebyshev points of [low, high], for many cheap evaluations of a
 * costly function. Outside of the interval it gives the value at the nearer end.
 *
 * @param nodes number of points, default 64
 * Source: Trefethen, Approximation Theory and Approximation Practice (2013), chapters 3 and 4; Clenshaw's recurrence.
 */
export function chebyshevInterpolant(
  f: (x: number) => number,
  low: number,
  high: number,
  nodes = 64,
): (x: number) => number {
  const n = nodes - 1;
  const values = Float64Array.from({ length: nodes }, (_, k) =>
    f(0.5 * (low + high) + 0.5 * (high - low) * Math.cos((Math.PI * k) / n)),
  );
  const coefficients = Float64Array.from({ length: nodes }, (_, j) => {
    let sum = 0;
    for (let k = 0; k < nodes; k++) {
      sum += values[k] * Math.cos((Math.PI * ((j * k) % (2 * n))) / n) * (k === 0 || k === n ? 0.5 : 1);
    }
    return (sum * (j === 0 || j === n ? 1 : 2)) / n;
  });
  return (x) => {
    const s = Math.min(1, Math.max(-1, (2 * x - low - high) / (high - low)));
    let b1 = 0;
    let b2 = 0;
    for (let j = n; j > 0; j--) {
      const b = 2 * s * b1 - b2 + coefficients[j];
      b2 = b1;
      b1 = b;
    }
    return s * b1 - b2 + coefficients[0];
  };
}
