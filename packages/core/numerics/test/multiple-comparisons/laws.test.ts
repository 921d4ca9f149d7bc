import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../../test/closeness.js';
import {
  benjaminiHochberg,
  benjaminiYekutieli,
  bonferroni,
  corrections,
  holm,
  hommel,
  randomStream,
  rejectionThreshold,
} from '../../src/index.js';

const p = fc.oneof(
  fc.double({ min: 1e-12, max: 1, noNaN: true }),
  fc.constantFrom(0.01, 0.05, 0.2, 1), // ties
  fc.double({ min: -2000, max: 0, noNaN: true }).map((log) => Math.exp(log / 10)),
);
const family = fc.array(p, { minLength: 1, maxLength: 9 });
const logs = (values: number[]) => Float64Array.from(values, Math.log);

/** Closed testing with Simes' test, straight from its definition: all 2^n - 1 intersections. */
function closedSimes(values: number[]): number[] {
  const adjusted = values.map(() => 0);
  for (let set = 1; set < 1 << values.length; set++) {
    const members = values.flatMap((value, i) => ((set >> i) & 1 ? [value] : [])).sort((a, b) => a - b);
    const simes = Math.min(...members.map((value, j) => (members.length * value) / (j + 1)));
    values.forEach((_, i) => {
      if ((set >> i) & 1) adjusted[i] = Math.max(adjusted[i], simes);
    });
  }
  return adjusted;
}

/** Hommel's adjusted p as in R's p.adjust, quadratic in n. */
function hommelQuadratic(values: number[]): number[] {
  const n = values.length;
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const sorted = order.map((i) => values[i]);
  const adjusted = sorted.map(() => Math.min(...sorted.map((value, j) => (n * value) / (j + 1))));
  for (let m = n - 1; m >= 2; m--) {
    let least = Infinity;
    for (let j = 2; j <= m; j++) least = Math.min(least, (m * sorted[n - m + j - 1]) / j);
    const q = sorted.map((value, k) => (k <= n - m ? Math.min(m * value, least) : 0));
    for (let k = n - m + 1; k < n; k++) q[k] = q[n - m];
    for (let k = 0; k < n; k++) adjusted[k] = Math.max(adjusted[k], q[k]);
  }
  const out = new Array<number>(n);
  order.forEach((unit, k) => {
    out[unit] = Math.max(adjusted[k], sorted[k]);
  });
  return out;
}

/** Adjusted p within 1e-11 of themselves. */
const expectSameP = (found: Float64Array, expected: number[]) => expectWithinAbsolute(found, logs(expected), 1e-11);

describe('Hommel', () => {
  test('is the closed testing procedure with Simes tests', () => {
    fc.assert(fc.property(family, (values) => expectSameP(hommel(logs(values)), closedSimes(values))));
  });

  test('agrees with the quadratic algorithm on larger families', () => {
    const stream = randomStream(1, 'hommel');
    for (let round = 0; round < 20; round++) {
      const values = Array.from({ length: 150 }, () => stream.uniform() ** (1 + 5 * stream.integer(3)));
      expectSameP(hommel(logs(values)), hommelQuadratic(values));
    }
  });

  test('keeps the order of p that no double can hold', () => {
    const found = hommel(Float64Array.of(-80000, -40000, -20000, -1));
    expectSameP(found.slice(3), [Math.exp(-1)]);
    expect(Array.from(found.slice(0, 3), Math.round)).toEqual([-79999, -39999, -19999]);
  });

  test('corrects 150,000 units', () => {
    const stream = randomStream(2, 'hommel');
    const found = hommel(Float64Array.from({ length: 150_000 }, () => Math.log(stream.uniform() ** 3)));
    expect(found.filter((log) => log <= Math.log(0.05)).length).toBeGreaterThan(100);
  });
});

describe('every correction', () => {
  for (const [name, correct] of Object.entries(corrections)) {
    test(`${name}: untested units stay NaN and are not counted`, () => {
      fc.assert(
        fc.property(family, fc.nat(9), (values, place) => {
          const at = Math.min(place, values.length);
          const without = correct(logs(values));
          const withNaN = correct(logs([...values.slice(0, at), NaN, ...values.slice(at)]));
          expect(withNaN[at]).toBeNaN();
          expect([...withNaN.slice(0, at), ...withNaN.slice(at + 1)]).toEqual([...without]);
        }),
      );
    });

    test(`${name}: permuting units permutes results`, () => {
      fc.assert(
        fc.property(family, (values) => {
          const forward = correct(logs(values));
          expect([...correct(logs([...values].reverse()))].reverse()).toEqual([...forward]);
        }),
      );
    });

    test(`${name}: keeps order, never lowers p, never passes 1`, () => {
      fc.assert(
        fc.property(family, (values) => {
          const raw = logs(values);
          const found = correct(raw);
          raw.forEach((log, i) => {
            expect(found[i]).toBeLessThanOrEqual(0);
            expect(found[i]).toBeGreaterThanOrEqual(log - 1e-12);
            raw.forEach((other, j) => {
              if (other < log) expect(found[j]).toBeLessThanOrEqual(found[i]);
            });
          });
        }),
      );
    });
  }

  test('is ordered: Hommel <= Holm <= Bonferroni, BH <= Hommel, BH <= BY', () => {
    fc.assert(
      fc.property(family, (values) => {
        const raw = logs(values);
        const all = [benjaminiHochberg, hommel, holm, bonferroni].map((correct) => correct(raw));
        const by = benjaminiYekutieli(raw);
        raw.forEach((_, i) => {
          for (let k = 1; k < all.length; k++) expect(all[k - 1][i]).toBeLessThanOrEqual(all[k][i] + 1e-12);
          expect(all[0][i]).toBeLessThanOrEqual(by[i] + 1e-12);
        });
      }),
    );
  });

  test('refuses p where log p belongs', () => {
    for (const correct of [bonferroni, holm, hommel, benjaminiHochberg])
      expect(() => correct(Float64Array.of(0.03))).toThrow('a log p is 0 or less');
  });

  test('handles a family without a tested unit', () => {
    for (const correct of Object.values(corrections))
      expect([...correct(Float64Array.of(NaN, NaN))]).toEqual([NaN, NaN]);
  });
});

describe('threshold', () => {
  test('is the largest log p that a correction lets through', () => {
    const raw = logs([0.001, 0.02, 0.5]);
    expect(rejectionThreshold(raw, bonferroni(raw), 0.05)).toBe(Math.log(0.001));
    expect(rejectionThreshold(raw, bonferroni(raw), 0.1)).toBe(Math.log(0.02));
    expect(rejectionThreshold(raw, bonferroni(raw), 0.0001)).toBe(-Infinity);
  });

  test('works on the documented example', () => {
    const found = bonferroni(Float64Array.of(Math.log(0.01), NaN, Math.log(0.8)));
    expect(Array.from(found, Math.exp).map((value) => Math.round(value * 1e12) / 1e12)).toEqual([0.02, NaN, 1]);
  });
});
