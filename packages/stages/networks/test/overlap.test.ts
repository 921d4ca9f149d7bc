import { likenessOf, mapCorrelation, overlapOf, strongestBySite, strongestUnits } from '@galvani/networks';
import type { WholeMap } from '@galvani/results';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const members = (units: number) =>
  fc.array(fc.constantFrom(-1, 0, 1), { minLength: units, maxLength: units }).map((v) => Int8Array.from(v));

test('overlap is symmetric, between 0 and 1, whole with itself and nothing with its opposite', () => {
  fc.assert(
    fc.property(members(30), members(30), (a, b) => {
      const ab = overlapOf(a, b);
      const { membersA, membersB, ...shared } = ab;
      expect(overlapOf(b, a)).toEqual({ membersA: membersB, membersB: membersA, ...shared });
      if (membersA + membersB === 0) return expect(ab.dice).toBeNaN();
      expect(ab.dice).toBeGreaterThanOrEqual(0);
      expect(ab.dice + ab.opposedDice).toBeLessThanOrEqual(1);
      // Where no unit is opposed, Dice and Jaccard are the same thing said twice: J = D / (2 - D).
      if (ab.opposed === 0) expect(ab.jaccard).toBeCloseTo(ab.dice / (2 - ab.dice), 12);
      const mirrored = a.map((sign) => -sign);
      const turned = overlapOf(mirrored, b);
      expect([turned.dice, turned.expectedDice]).toEqual([ab.opposedDice, ab.expectedOpposedDice]);
      if (membersA === 0) return;
      expect(overlapOf(a, a)).toMatchObject({ dice: 1, jaccard: 1, opposedDice: 0 });
      expect(overlapOf(a, mirrored)).toMatchObject({ dice: 0, opposedDice: 1 });
    }),
  );
});

test('expected is what all placings of the members within their sites give on average', () => {
  // Site 0 has 4 units of which one does not count (the last), site 1 has 5.
  const sites = [
    { start: 0, width: 4, units: 3 },
    { start: 4, width: 5, units: 5 },
  ];
  const a = Int8Array.of(1, -1, 0, 0, 1, 1, -1, 0, 0);
  const b = Int8Array.of(1, 1, 0, 0, -1, 1, 0, 0, 0);
  const sums = { same: 0, opposed: 0, placings: 0 };
  for (const first of arrangements([...b.subarray(0, 3)]))
    for (const second of arrangements([...b.subarray(4)])) {
      const found = overlapOf(a, Int8Array.from([...first, 0, ...second]), sites);
      sums.same += found.same;
      sums.opposed += found.opposed;
      sums.placings++;
    }
  const { expectedSame, expectedOpposed, expectedDice } = overlapOf(a, b, sites);
  expect(expectedSame).toBeCloseTo(sums.same / sums.placings, 12);
  expect(expectedOpposed).toBeCloseTo(sums.opposed / sums.placings, 12);
  expect(expectedDice).toBeCloseTo((2 * expectedSame) / 9, 12);
});

/** All orders of the values, equal ones counted apart. */
function arrangements(values: readonly number[]): number[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((value, i) => arrangements(values.toSpliced(i, 1)).map((rest) => [value, ...rest]));
}

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
