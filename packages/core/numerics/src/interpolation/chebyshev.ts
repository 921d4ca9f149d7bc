/**
 * A polynomial through a smooth function's values at Chebyshev points of [low, high], for many cheap evaluations of a
 * costly function. Outside of the interval it gives the value at the nearer end.
 *
 * @param nodes number of points, default 64
 * Source: Berrut and Trefethen, "Barycentric Lagrange interpolation", SIAM Review 46 (2004).
 */
export function chebyshevInterpolant(
  f: (x: number) => number,
  low: number,
  high: number,
  nodes = 64,
): (x: number) => number {
  const points = new Float64Array(nodes);
  const values = new Float64Array(nodes);
  const weights = new Float64Array(nodes);
  for (let k = 0; k < nodes; k++) {
    points[k] = 0.5 * (low + high) + 0.5 * (high - low) * Math.cos((Math.PI * k) / (nodes - 1));
    values[k] = f(points[k]);
    weights[k] = (k % 2 === 0 ? 1 : -1) * (k === 0 || k === nodes - 1 ? 0.5 : 1);
  }
  return (x) => {
    const at = Math.min(high, Math.max(low, x));
    let numerator = 0;
    let denominator = 0;
    for (let k = 0; k < nodes; k++) {
      const distance = at - points[k];
      if (distance === 0) return values[k];
      const w = weights[k] / distance;
      numerator += w * values[k];
      denominator += w;
    }
    return numerator / denominator;
  };
}
