import { randomStream, tUpperQuantile } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../../test/closeness.js';
import { expectedPower, noncentralitiesOf } from '../../src/index.js';

const power = (noncentrality: number, df: number, alpha = 0.05) =>
  expectedPower({ mean: noncentrality, spread: 0 }, 1, df, tUpperQuantile(Math.log(alpha / 2), df));

test('power of two samples is that of R’s power.t.test', () => {
  // power.t.test(n = 20, delta = 1, sd = 1): 0.8689528.
  expectWithinAbsolute(power(Math.sqrt(20 / 2), 38), 0.8689528, 1e-6);
});

test('without an effect power is the error rate, and it is the same for either direction', () => {
  for (const df of [3, 20, 200]) expectWithinAbsolute(power(0, df, 0.01), 0.01, 1e-9);
  expectWithinAbsolute(power(-2.5, 12), power(2.5, 12), 1e-9);
  expect(expectedPower({ mean: 9, spread: 1 }, 1, 20, Number.POSITIVE_INFINITY)).toBe(0);
});

/** t of units whose noncentralities are normal, with the noncentralities. */
function drawn(mean: number, spread: number, df: number, units: number, seed = 1) {
  const random = randomStream(seed, 'noncentral');
  const own = Float64Array.from({ length: units }, () => mean + spread * random.normal());
  const t = own.map((noncentrality) => {
    let squares = 0;
    for (let i = 0; i < df; i++) squares += random.normal() ** 2;
    return (noncentrality + random.normal()) / Math.sqrt(squares / df);
  });
  return { t, df: new Float64Array(units).fill(df) };
}

test('mean and spread of noncentralities come back from t, and power over them is the mean of units’ power', () => {
  const { t, df } = drawn(3, 1.2, 12, 20_000);
  const found = noncentralitiesOf(t, df);
  expectWithinAbsolute([found.mean, found.spread], [3, 1.2], 0.04);
  const { t: again } = drawn(6, 2.4, 50, 20_000, 2);
  const critical = tUpperQuantile(Math.log(0.0005), 50);
  const share = again.filter((value) => Math.abs(value) > critical).length / again.length;
  expectWithinAbsolute(expectedPower({ mean: 3, spread: 1.2 }, 2, 50, critical), share, 0.02);
});

test('t of the data that chose the units give too much', () => {
  const { t } = drawn(2, 0, 16, 4000);
  const other = drawn(2, 0, 16, 4000, 5).t;
  const chosen = [...t.keys()].filter((u) => t[u] > 3);
  const df = new Float64Array(chosen.length).fill(16);
  expect(
    noncentralitiesOf(
      chosen.map((u) => t[u]),
      df,
    ).mean,
  ).toBeGreaterThan(3);
  expectWithinAbsolute(
    noncentralitiesOf(
      chosen.map((u) => other[u]),
      df,
    ).mean,
    2,
    0.12,
  );
});
