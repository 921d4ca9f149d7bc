import { invertSymmetric } from '@galvani/numerics';

/** Step of central differences for a gradient, in parameters scaled to order one. */
const gradientStep = 1e-4;
/** For a curvature, which divides the function's rounding by its square: near a bound, where a likelihood is flat, nothing else would be left of it. */
const curvatureStep = 1e-2;

type Smooth = (at: readonly number[]) => number;

/** A function at a point of which some parameters are moved by a step up or down. */
function moved(f: Smooth, at: readonly number[], size: number, ...steps: (readonly [number, 1 | -1])[]): number {
  const point = [...at];
  for (const [i, sign] of steps) point[i] += sign * size;
  return f(point);
}

/** Gradient of a function by central differences. */
function gradientOf(f: Smooth, at: readonly number[]): Float64Array {
  const h = gradientStep;
  return Float64Array.from(at, (_, i) => (moved(f, at, h, [i, 1]) - moved(f, at, h, [i, -1])) / (2 * h));
}

/** Hessian of a function by central differences, [n x n]. */
export function hessianOf(f: Smooth, at: readonly number[], value = f(at)): Float64Array {
  const n = at.length;
  const h = curvatureStep;
  const hessian = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    hessian[i * n + i] = (moved(f, at, h, [i, 1]) - 2 * value + moved(f, at, h, [i, -1])) / h ** 2;
    for (let j = 0; j < i; j++) {
      const same = moved(f, at, h, [i, 1], [j, 1]) + moved(f, at, h, [i, -1], [j, -1]);
      const opposite = moved(f, at, h, [i, 1], [j, -1]) + moved(f, at, h, [i, -1], [j, 1]);
      hessian[i * n + j] = hessian[j * n + i] = (same - opposite) / (4 * h ** 2);
    }
  }
  return hessian;
}

/**
 * The minimum of a smooth function of a few parameters near the best of `starts`: Newton's steps, halved until they help.
 *
 * @param rounding relative change of the function that a step must promise for another one to follow it
 */
export function newtonMinimum(f: Smooth, starts: readonly (readonly number[])[], rounding = 1e-12): number[] {
  let best: readonly number[] = starts[0];
  let least = Number.POSITIVE_INFINITY;
  for (const start of starts) {
    const value = f(start);
    if (value < least) {
      least = value;
      best = start;
    }
  }
  let at = [...best];
  const n = at.length;
  for (let round = 0; round < 60; round++) {
    const gradient = gradientOf(f, at);
    const hessian = hessianOf(f, at, least);
    const inverse = definiteInverse(hessian, n);
    if (inverse === undefined) break;
    let step = Array.from({ length: n }, (_, i) => gradient.reduce((sum, g, j) => sum - inverse[i * n + j] * g, 0));
    const size = Math.max(...step.map(Math.abs));
    const promised = -0.5 * gradient.reduce((sum, g, i) => sum + g * step[i], 0);
    if (size > 1) step = step.map((value) => value / size);
    let improved = false;
    for (let halving = 0; halving < 30; halving++) {
      const next = at.map((value, i) => value + step[i]);
      const value = f(next);
      if (value <= least) {
        improved = value < least;
        at = next;
        least = value;
        break;
      }
      step = step.map((part) => part / 2);
    }
    // A step that promises less than rounding of the function was the last one.
    if (!improved || size < 1e-9 || promised < rounding * (1 + Math.abs(least))) break;
  }
  return at;
}

/** Inverse of a Hessian, with its diagonal raised (Levenberg) where the function is not convex; undefined where it is not finite. */
function definiteInverse(hessian: Float64Array, n: number): Float64Array | undefined {
  if (!hessian.every(Number.isFinite)) return undefined;
  let most = 1e-12;
  for (let i = 0; i < n; i++) most = Math.max(most, Math.abs(hessian[i * n + i]));
  for (let raise = 0; ; raise = raise === 0 ? 1e-4 * most : raise * 4) {
    const raised = hessian.map((value, at) => (at % (n + 1) === 0 ? value + raise : value));
    const inverse = invertSymmetric(raised, n);
    if (inverse !== undefined) return inverse;
  }
}
