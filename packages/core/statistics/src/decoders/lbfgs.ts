/** Steps that are remembered. */
const memory = 12;

/**
 * The minimum of a smooth convex function by limited-memory BFGS with Armijo's and (weak) Wolfe's conditions.
 *
 * Nocedal and Wright, Numerical Optimization (2006), algorithms 7.4 and 7.5; Lewis and Overton, Math. Program. 141 (2013), for the
 * bisecting line search.
 *
 * @param evaluate writes the gradient at a point to its second argument and gives the value
 * @param near whether a gradient is that of a point near enough to the minimum
 * @throws RangeError where 2,000 steps do not get there
 */
export function lbfgs(
  evaluate: (at: Float64Array, gradient: Float64Array) => number,
  start: Float64Array,
  near: (gradient: Float64Array) => boolean,
): Float64Array {
  let at = start.slice();
  let gradient = new Float64Array(at.length);
  let value = evaluate(at, gradient);
  const steps: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let round = 0; round < 2000; round++) {
    if (near(gradient)) return at;
    const direction = new Float64Array(at.length);
    add(direction, -1, gradient);
    const shares = new Float64Array(steps.length);
    for (let k = steps.length - 1; k >= 0; k--) {
      shares[k] = steps[k].rho * dot(steps[k].s, direction);
      add(direction, -shares[k], steps[k].y);
    }
    const last = steps.at(-1);
    const scale = last ? 1 / (last.rho * dot(last.y, last.y)) : 1 / Math.max(1, Math.sqrt(dot(gradient, gradient)));
    for (let i = 0; i < direction.length; i++) direction[i] *= scale;
    for (let k = 0; k < steps.length; k++)
      add(direction, shares[k] - steps[k].rho * dot(steps[k].y, direction), steps[k].s);

    const slope = dot(gradient, direction);
    let [low, high, length] = [0, Number.POSITIVE_INFINITY, 1];
    let next = at;
    let nextGradient = gradient;
    let nextValue = value;
    for (let halving = 0; halving < 60; halving++) {
      next = at.slice();
      add(next, length, direction);
      nextGradient = new Float64Array(at.length);
      nextValue = evaluate(next, nextGradient);
      // Near the minimum the value is lost in rounding before the slope is.
      if (!(nextValue <= value + 1e-4 * length * slope + 1e-14 * Math.abs(value))) high = length;
      else if (dot(nextGradient, direction) < 0.9 * slope) low = length;
      else break;
      length = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2;
    }
    const s = next.slice();
    add(s, -1, at);
    const y = nextGradient.slice();
    add(y, -1, gradient);
    const curvature = dot(s, y);
    if (curvature > 0) steps.push({ s, y, rho: 1 / curvature });
    if (steps.length > memory) steps.shift();
    [at, gradient, value] = [next, nextGradient, nextValue];
  }
  throw new RangeError('Logistic regression did not converge in 2,000 steps; a smaller C is easier.');
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function add(to: Float64Array, times: number, other: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] += times * other[i];
}
