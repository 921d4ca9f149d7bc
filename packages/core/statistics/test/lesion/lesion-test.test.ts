import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { lesionTest } from '../../src/lesion/lesion-test.js';

const controlsOf = (cells: number, count: number, seed: number) => {
  const stream = randomStream(seed, 'controls');
  const shared = Float64Array.from({ length: count + 1 }, () => stream.normal());
  // Cells of one lesion depend on each other.
  const all = Array.from({ length: cells }, () => shared.map((value) => value + stream.normal()));
  return { observed: all.map((own) => own[0]), controls: all.map((own) => own.slice(1)) };
};

test('a network that is a draw like its controls is called different in at most 5% of studies, over the family', () => {
  const studies = 1000;
  let [single, family, opposite] = [0, 0, 0];
  for (let seed = 0; seed < studies; seed++) {
    const { observed, controls } = controlsOf(6, 99, seed);
    const found = lesionTest(observed, controls);
    if (found.p[0] <= 0.05) single++;
    if (found.familywise.some((p) => p <= 0.05)) family++;
    if (found.oppositeFamilywise.some((p) => p <= 0.05)) opposite++;
  }
  // Three binomial standard errors.
  const most = studies * 0.05 + 3 * Math.sqrt(studies * 0.05 * 0.95);
  for (const count of [single, family, opposite]) expect(count).toBeLessThan(most);
  expect(single).toBeGreaterThan(studies * 0.02);
});

test('a lesion beyond all controls has the least p that so many controls give, alone and over the family', () => {
  const { observed, controls } = controlsOf(4, 199, 1);
  observed[2] = 50;
  const { p, familywise, opposite, controlMean, controlSpread } = lesionTest(observed, controls);
  expect(p[2]).toBe(1 / 200);
  expect(familywise[2]).toBe(1 / 200);
  expect(opposite[2]).toBe(1);
  for (let c = 0; c < 4; c++) {
    expect(familywise[c]).toBeGreaterThanOrEqual(p[c]);
    const own = controls[c];
    const mean = own.reduce((sum, value) => sum + value, 0) / 199;
    expect(controlMean[c]).toBeCloseTo(mean, 12);
    expect(controlSpread[c] ** 2).toBeCloseTo(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 198, 10);
  }
});

test('lesions that do nothing at all are no evidence', () => {
  const found = lesionTest([0, 0], [new Float64Array(99), new Float64Array(99)]);
  expect([...found.p, ...found.familywise, ...found.opposite]).toEqual(Array(6).fill(1));
});
