import { likenessOf, mapCorrelation, overlapOf, strongestBySite, strongestUnits } from '@galvani/networks';
import type { WholeMap } from '@galvani/results';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const members = (units: number) =>
  fc.array(fc.constantFrom(-1, 0, 1), { minLength: units, maxLength: units }).map((v) => Int8Array.from(v));

test('overlap is symmetric, between 0 and 1, and whole with itself', () => {
  fc.assert(
    fc.property(members(30), members(30), (a, b) => {
      const ab = overlapOf(a, b);
      const ba = overlapOf(b, a);
      expect([ab.both, ab.opposed, ab.expectedBoth]).toEqual([ba.both, ba.opposed, ba.expectedBoth]);
      if (ab.membersA + ab.membersB === 0) return expect(ab.dice).toBeNaN();
      expect(ab.dice).toBeGreaterThanOrEqual(0);
      expect(ab.dice).toBeLessThanOrEqual(1);
      // Dice and Jaccard are the same thing said twice: J = D / (2 - D).
      expect(ab.jaccard).toBeCloseTo(ab.dice / (2 - ab.dice), 12);
      if (ab.membersA > 0) expect(overlapOf(a, a)).toMatchObject({ dice: 1, jaccard: 1, opposed: 0 });
      expect(
        overlapOf(
          a,
          a.map((x) => -x),
        ).opposed,
      ).toBe(ab.membersA);
    }),
  );
});

test('independent networks overlap as expected on average', () => {
  // Every placing of 2 members among 6 units against one fixed pair: the mean over all is the expectation.
  const a = Int8Array.of(1, 1, 0, 0, 0, 0);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < 6; i++)
    for (let j = 0; j < i; j++) {
      const b = new Int8Array(6);
      b[i] = b[j] = 1;
      sum += overlapOf(a, b).both;
      count++;
    }
  expect(sum / count).toBeCloseTo(overlapOf(a, a).expectedBoth, 12);
});

test('the strongest units are those with the largest |z|, and never an untested one', () => {
  expect([...strongestUnits(Float64Array.of(1, -3, Number.NaN, 2, 2), 2)]).toEqual([0, -1, 0, 1, 0]);
});

test('correlation passes over untested units', () => {
  expect(mapCorrelation(Float64Array.of(1, 2, Number.NaN, 3), Float64Array.of(2, 4, 9, 6))).toBeCloseTo(1, 12);
  expect(mapCorrelation(Float64Array.of(1, 2, 3, 0), Float64Array.of(-1, -2, -3, Number.NaN))).toBeCloseTo(-1, 12);
});

test('likeness is symmetric in tasks whichever session came first', () => {
  const row = { session_a: 1, session_b: 2, jaccard: 0, expected_dice: 0 };
  const rows = [
    { ...row, task: 'a', other_task: 'b', dice: 0.2, correlation: 0.2 },
    { ...row, task: 'b', other_task: 'a', dice: 0.4, correlation: 0.4 },
    { ...row, task: 'a', other_task: 'a', dice: 0.5, correlation: 0.5 },
  ];
  const correlations = likenessOf(rows, ['a', 'b']).map(({ correlation }) => correlation);
  expect(correlations).toEqual([0.5, expect.closeTo(0.3), expect.closeTo(0.3), Number.NaN]);
});

test('of each site the strongest unit is listed, strongest site first, untested units and sites never', () => {
  const site = (name: string, width: number, start: number) => ({
    site: name,
    kind: 'linear',
    layer: 'l',
    width,
    start,
  });
  const map: WholeMap = {
    sites: [site('a', 3, 0), site('b', 2, 3), site('c', 1, 5)],
    flags: Uint8Array.of(0, 0, 1, 0, 0, 1),
    copyOf: new Int32Array(6).fill(-1),
    unreachable: new Uint8Array(6),
    statistic: () => Float64Array.of(1, -2, 9, 4, Number.NaN, 7),
  };
  expect(strongestBySite(map, 5)).toEqual([
    { layer: 'l', site: 'b', unit: 0, z: 4 },
    { layer: 'l', site: 'a', unit: 1, z: -2 },
  ]);
  expect(strongestBySite(map, 1)).toHaveLength(1);
});
