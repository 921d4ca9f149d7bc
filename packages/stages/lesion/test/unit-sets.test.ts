import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { rankedSet, strongestMembers, unmatchedSets } from '../src/unit-sets.js';

const [first, second] = [4, 8].map((start) => ({
  ...{ site: `h.${start / 4 - 1}.act`, kind: 'activation', layer: 'block-00', width: 4, start },
}));

test('a dose has the strongest members over all sites, whatever their sign, and candidates are the units that count', () => {
  const members = Int8Array.of(1, 1, 0, 0, 1, -1, 0, 1, 0, 0, -1, 0, 0, 0, 0, 0);
  const t = Float64Array.of(9, 8, 0, 0, 3, -7, 1, 4, 0, 0, -5, 0, 0, 0, 0, 0);
  const counted = new Uint8Array(16).fill(1);
  counted[6] = 0;
  const own = strongestMembers([first, second], members, t, counted, 0.5);
  expect(own.map((part) => [part.site.site, [...part.members]])).toEqual([
    ['h.0.act', [1]],
    ['h.1.act', [2]],
  ]);
  expect([...own[0].candidates]).toEqual([0, 1, 3]);
  expect(strongestMembers([first, second], members, t, counted, 1).flatMap((part) => [...part.members])).toEqual([
    0, 1, 3, 2,
  ]);
});

test('other units are as many in each site: any that count, or those with the largest statistic or the least', () => {
  const parts = [{ site: first, members: Int32Array.of(1, 2), candidates: Int32Array.of(0, 1, 2) }];
  const t = Float64Array.of(-5, Number.NaN, 1, 9);
  expect(rankedSet(parts, () => t, 'largest')).toEqual([Int32Array.of(0, 2)]);
  expect(rankedSet(parts, () => t, 'nearest to 0')).toEqual([Int32Array.of(0, 2)]);
  expect(rankedSet(parts, () => Float64Array.of(3, 2, 1, 0), 'nearest to 0')).toEqual([Int32Array.of(1, 2)]);
  const drawn = unmatchedSets(parts, 300, randomStream(1));
  const counts = [0, 1, 2, 3].map((u) => drawn.filter(([set]) => set.includes(u)).length);
  for (const [set] of drawn) expect([...set]).toEqual([...new Set(set)].sort());
  // Each with probability 2/3, within four standard errors.
  for (const count of counts.slice(0, 3)) expect(Math.abs(count - 200)).toBeLessThan(33);
  expect(counts[3]).toBe(0);
});
