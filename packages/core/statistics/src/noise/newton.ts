import { invertSymmetric } from '@galvani/numerics';

/** Step of central differences, in parameters scaled to order one. */
const difference = 1e-4;

/** Gradient and Hessian of a function by central differences. */
export function curvature(f: (at: readonly number[]) => number, at: readonly number[], value = f(at)) {
  const n = at.length;
  const gradient = new Float64Array(n);
  const hessian = new Float64Array(n * n);
  const moved = (steps: readonly (readonly [number, number])[]) => {
    const point = [...at];
    for (const [i, sign] of steps) point[i] += sign * difference;
    return f(point);
  };
  for (let i = 0; i < n; i++) {
    const up = moved([[i, 1]]);
    const down = moved([[i, -1]]);
    gradient[i] = (up - down) / (2 * difference);
    hessian[i * n + i] = (up - 2 * value + down) / (difference * difference);
    for (let j = 0; j < i; j++) {
      const mixed =
        (moved([
          [i, 1],
          [j, 1],
        ]) -
          moved([
            [i, 1],
            [j, -1],
          ]) -
          moved([
            [i, -1],
            [j, 1],
          ]) +
          moved([
            [i, -1],
            [j, -1],
          ])) /
        (4 * difference * difference);
      hessian[i * n + j] = mixed;
      hessian[j * n + i] = mixed;
    }
  }
  return { gradient, hessian };
}

/** The minimum of a smooth function of a few parameters near the best of `starts`: Newton's steps, halved until they help. */
export function newtonMinimum(f: (at: readonly number[]) => number, starts: readonly (readonly number[])[]): number[] {
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
    const { gradient, hessian } = curvature(f, at, least);
    const inverse = invertSymmetric(hessian, n);
    let step = Array.from(gradient, (g, i) =>
      inverse ? Array.from(gradient).reduce((sum, other, j) => sum - inverse[i * n + j] * other, 0) : -g / 100,
    );
    const size = Math.max(...step.map(Math.abs));
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
    if (!improved || size < 1e-9) break;
  }
  return at;
}
