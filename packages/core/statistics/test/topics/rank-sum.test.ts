import { expect, test } from 'vitest';
import { rankSum } from '../../src/index.js';

test('p counts every choice, and ties share a rank', () => {
  // R: wilcox.test(c(1.1, 2.2, 3.3), c(0.5, 1.5, 0.9, 0.1), alternative = "greater")$p.value is 2 / 35.
  const found = rankSum([1.1, 2.2, 3.3], [0.5, 1.5, 0.9, 0.1]);
  expect(found.p).toBeCloseTo(2 / 35, 12);
  expect(found.superiority).toBeCloseTo(11 / 12, 12);
  expect(found.smallest).toBeCloseTo(1 / 35, 12);
  // All alike: every choice has the same sum.
  expect(rankSum([2, 2], [2, 2, 2])).toMatchObject({ p: 1, opposite: 1, superiority: 0.5 });
});

test('turning all values round exchanges the tails', () => {
  const [group, others] = [
    [3, 5, 8],
    [1, 2, 5, 6],
  ];
  const turned = rankSum(
    group.map((x) => -x),
    others.map((x) => -x),
  );
  const found = rankSum(group, others);
  expect(turned.p).toBeCloseTo(found.opposite, 12);
  expect(turned.lower).toBeCloseTo(1 - found.upper, 9);
});

test('the interval has its width where the group exceeds all others', () => {
  const { superiority, lower, upper } = rankSum([9, 8, 7, 6], [1, 2, 3, 4, 5]);
  expect([superiority, upper]).toEqual([1, 1]);
  expect(lower).toBeGreaterThan(0.3);
  expect(lower).toBeLessThan(0.9);
});

test('nothing to compare says nothing', () => {
  expect(rankSum([], [1]).p).toBeNaN();
  expect(rankSum([Number.NaN], [1]).p).toBeNaN();
});
