import { randomStream } from '@galvani/numerics';
import { describe, expect, test } from 'vitest';
import { createRestDrift } from '../../src/index.js';

const places = [0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17];

/** Noise that units share in part, and a drift over the run (from -1 to 1) of random strength in each unit. */
function rest(seed: number, units: number, drift: (x: number) => number): Float64Array {
  const stream = randomStream(seed, 'rest');
  const shared = places.map(() => stream.normal());
  const strength = Array.from({ length: units }, () => stream.normal());
  return Float64Array.from({ length: places.length * units }, (_, at) => {
    const [i, u] = [Math.floor(at / units), at % units];
    return 10 + strength[u] * drift((2 * places[i]) / 17 - 1) + 0.7 * shared[i] + 0.7 * stream.normal();
  });
}

function driftOf(seed: number, drift: (x: number) => number, units = 40, count?: number) {
  const tested = createRestDrift(places, seed, count)!;
  tested.add(rest(seed, units, drift));
  return tested.finish();
}

describe('drift of rest', () => {
  test('is found, a slope as a slope and a bend as a bend', () => {
    const line = driftOf(1, (x) => 2 * x);
    expect(line.linearP).toBeLessThan(0.02);
    expect(line.linearShare).toBeGreaterThan(0.5);
    expect(line.quadraticP).toBeGreaterThan(0.05);
    const bend = driftOf(1, (x) => 4 * x * x);
    expect(bend.quadraticP).toBeLessThan(0.02);
    expect(bend.linearP).toBeGreaterThan(0.05);
  });

  test('is found in 5% of runs without any, though units depend on each other', () => {
    const runs = 400;
    const found = { linear: 0, quadratic: 0 };
    for (let seed = 0; seed < runs; seed++) {
      const { linearP, quadraticP } = driftOf(seed, () => 0, 20, 99);
      if (linearP <= 0.05) found.linear++;
      if (quadraticP <= 0.05) found.quadratic++;
    }
    const margin = 3 * Math.sqrt(0.05 * 0.95 * runs);
    // Ties of shares only make it rarer.
    for (const count of Object.values(found)) expect(count).toBeLessThan(0.05 * runs + margin);
    for (const count of Object.values(found)) expect(count).toBeGreaterThan(0.02 * runs);
  });

  test('does not depend on how units come, and leaves out those that do not vary', () => {
    const means = rest(3, 4, (x) => x);
    const whole = createRestDrift(places, 1)!;
    whole.add(means);
    const parts = createRestDrift(places, 1)!;
    for (const u of [2, 0, 3, 1]) parts.add(Float64Array.from(places, (_, i) => means[i * 4 + u]));
    parts.add(Float64Array.from(places, () => 7));
    parts.add(Float64Array.from(places, (_, i) => (i === 2 ? Number.NaN : i)));
    expect(parts.finish()).toEqual(whole.finish());
  });

  test('takes five rest prompts', () => {
    expect(createRestDrift([0, 1, 4, 5], 1)).toBeUndefined();
    expect(createRestDrift([0, 1, 4, 5, 6], 1)).toBeDefined();
  });
});
