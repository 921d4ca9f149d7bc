import { randomStream, tQuantile } from '@galvani/numerics';
import { orthogonalizeColumns } from '../design/orthogonal.js';

/** Whether the rest prompts of one run drift over the run. */
export interface RestDrift {
  /** Rest prompts of the run. */
  prompts: number;
  /** Units that were tested: those that are finite and vary. */
  units: number;
  /** Share of units whose rest has a slope over the run at p < .05: rest before and after the task differ. */
  linearShare: number;
  /** p of that share by shuffling the rest prompts. */
  linearP: number;
  /** Share of units whose rest bends over the run at p < .05, beside the slope. */
  quadraticShare: number;
  quadraticP: number;
}

/** Gathers the drift of one run over chunks of units. */
export interface RestDriftTest {
  /** @param means of the run's rest prompts in order, [prompts x units] row-major */
  add(means: Float64Array): void;
  finish(): RestDrift;
}

/** Fewest rest prompts: a constant, a slope and a bend leave two degrees of freedom. */
const fewest = 5;

/**
 * Tests whether rest drifts over a run: each unit's rest prompts are regressed on their place and its square, and the shares of units
 * with p < .05 are compared with those after shuffling the rest prompts, whose order means nothing where nothing drifts. So p
 * holds however units depend on each other.
 *
 * @param places of the rest prompts among all prompts of the run, ascending
 * @param count shuffles, default 199
 * @returns undefined where there are fewer than 5 rest prompts
 * @example
 * const test = createRestDrift([0, 1, 2, 6, 7, 8], 1);
 * test.add(Float64Array.of(1, 2, 3, 7, 8, 9.1));
 * test.finish().linearShare // 1
 */
export function createRestDrift(
  places: ArrayLike<number>,
  seed: number | string,
  count = 199,
): RestDriftTest | undefined {
  const n = places.length;
  if (n < fewest) return undefined;
  const time = Float64Array.from(places, (place) => place - places[0]);
  const [, linear, quadratic] = orthogonalizeColumns([
    new Float64Array(n).fill(1),
    time,
    time.map((value) => value ** 2),
  ]).map((column) => column.map((value) => value / Math.hypot(...column)));
  const stream = randomStream(seed, 'rest drift');
  const orders = [
    Array.from({ length: n }, (_, i) => i),
    ...Array.from({ length: count }, () => stream.shuffled(Array.from({ length: n }, (_, i) => i))),
  ];
  const shuffled = (column: Float64Array) => orders.map((order) => Float64Array.from(order, (i) => column[i]));
  const [lines, bends] = [shuffled(linear), shuffled(quadratic)];
  const df = n - 3;
  const critical = tQuantile(0.975, df) ** 2;
  const passed = { linear: new Float64Array(count + 1), quadratic: new Float64Array(count + 1) };
  let units = 0;
  const own = new Float64Array(n);
  return {
    add(means) {
      const width = means.length / n;
      for (let u = 0; u < width; u++) {
        for (let i = 0; i < n; i++) own[i] = means[i * width + u];
        if (!standardize(own)) continue;
        units++;
        for (let k = 0; k <= count; k++) {
          const [line, bend] = [dot(lines[k], own) ** 2, dot(bends[k], own) ** 2];
          const error = Math.max(0, 1 - line - bend) / df;
          if (line > critical * error) passed.linear[k]++;
          if (bend > critical * error) passed.quadratic[k]++;
        }
      }
    },
    finish() {
      const p = ([observed, ...rest]: Float64Array) =>
        (1 + rest.filter((each) => each >= observed).length) / (count + 1);
      return {
        prompts: n,
        units,
        linearShare: passed.linear[0] / units,
        linearP: p(passed.linear),
        quadraticShare: passed.quadratic[0] / units,
        quadraticP: p(passed.quadratic),
      };
    },
  };
}

/** Takes the mean off and gives length 1; false for what is constant or not finite. */
function standardize(values: Float64Array): boolean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let i = 0; i < values.length; i++) values[i] -= mean;
  const length = Math.sqrt(dot(values, values));
  if (!(length > 1e-12 * size) || !Number.isFinite(length)) return false;
  for (let i = 0; i < values.length; i++) values[i] /= length;
  return true;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
