import { matchNetwork, networkTemplate } from '@galvani/decode';
import { runEffect } from '@galvani/statistics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../test/closeness.js';

const rule = { minimumEffect: 0, sign: 'both' } as const;
const isTask = [1, 1, 0, 0];

/** Two runs of two task and two rest prompts. Unit 0 answers in both runs, unit 1 with opposite signs, unit 2 not at all. */
const runs = [
  Float64Array.of(3, 6, 1, 5, 4, 2, 1, 2, 1, 2, 0, 2),
  Float64Array.of(4, 1, 1, 4, 0, 2, 0, 5, 1, 1, 4, 2),
].map((means) => runEffect(means, 3, isTask));

test('an effect that changes its sign between runs is in no network', () => {
  // Unit 0: effects 2.5 and 3.5, within 2.5 and 0.5; the shares of the runs are equal, so d = 3 / sqrt((3 + 0.5) / 5).
  const d = 3 / Math.sqrt(3.5 / 5);
  const { units, weights } = networkTemplate(runs, 3, rule);
  expect([...units]).toEqual([0]);
  expectWithinAbsolute(weights, [d], 1e-12);
  // t = d sqrt(1 + 1): a threshold just above it leaves nothing.
  expect([...networkTemplate(runs, d * Math.SQRT2 + 1e-9, rule).units]).toEqual([]);
  expect([...networkTemplate(runs, d * Math.SQRT2 - 1e-9, rule).units]).toEqual([0]);
});

test('the sign that the study asks for decides, and the order of runs does not', () => {
  expect([...networkTemplate(runs, 3, { ...rule, sign: 'negative' }).units]).toEqual([]);
  expect(networkTemplate([...runs].reverse(), 3, rule)).toEqual(networkTemplate(runs, 3, rule));
});

test('a match lies in -1 to 1, changes its sign with the activity, and does not grow with it', () => {
  const value = fc.integer({ min: -1000, max: 1000 });
  const units = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(units, fc.integer({ min: 1, max: 100 }), (pairs, scale) => {
      const weights = Float64Array.from(pairs, ([weight]) => weight || 1);
      const network = { units: Uint32Array.from(pairs.keys()), weights };
      const z = Float64Array.from(pairs, ([, own]) => own / 100);
      const match = matchNetwork(network, z);
      expect(Math.abs(match)).toBeLessThanOrEqual(1 + 1e-12);
      const opposite = z.map((own) => -scale * own);
      expectWithinAbsolute(matchNetwork(network, opposite), -match, 1e-12);
    }),
  );
});
