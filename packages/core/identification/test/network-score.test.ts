import { expect, test } from 'vitest';
import { beyondMiddle } from '../src/network-score.js';

test('rest lies as far before the middle as the task’s own activity lies beyond it, and the middle has 0', () => {
  const profile = [3, -4];
  const along = (pattern: number[]) => pattern.reduce((sum, value, u) => sum + value * profile[u], 0);
  const score = (pattern: number[]) => beyondMiddle(along(pattern), along(profile), profile.length);
  expect([score([0, 0]), score([1.5, -2]), score(profile)]).toEqual([-2.5, 0, 2.5]);
  // What lies across the line changes nothing.
  expect(score([4, 3])).toBe(-2.5);
  expect(beyondMiddle(0, 0, 2)).toBe(0);
  expect(beyondMiddle(0, 0, 0)).toBe(Number.NEGATIVE_INFINITY);
});
