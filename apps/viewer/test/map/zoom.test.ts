import fc from 'fast-check';
import { expect, test } from 'vitest';
import { moved, unlessWhole, whole, zoomed } from '../../src/map/zoom.js';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const windows = fc.tuple(share, share, share, share).map(([x, y, across, down]) => ({
  left: x * 0.5,
  top: y * 0.5,
  right: x * 0.5 + 0.01 + 0.49 * across,
  bottom: y * 0.5 + 0.01 + 0.49 * down,
}));
const least = { x: 0.01, y: 0.01 };

test('a window stays inside the map, whatever is done to it', () => {
  fc.assert(
    fc.property(windows, fc.double({ min: 0.01, max: 50, noNaN: true }), share, share, (window, factor, x, y) => {
      for (const { left, top, right, bottom } of [
        zoomed(window, factor, { x, y }, least),
        moved(window, 2 * x - 1, 2 * y - 1),
      ]) {
        expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
        expect(Math.max(right, bottom)).toBeLessThanOrEqual(1 + 1e-12);
        expect(right - left).toBeGreaterThan(0.009);
      }
    }),
  );
});

test('the point that is zoomed at stays where it is, while the window is inside the map', () => {
  const window = { left: 0.4, right: 0.6, top: 0.4, bottom: 0.6 };
  const after = zoomed(window, 0.5, { x: 0.25, y: 0.75 }, least);
  expect(after.left + 0.25 * (after.right - after.left)).toBeCloseTo(0.45, 12);
  expect(after.top + 0.75 * (after.bottom - after.top)).toBeCloseTo(0.55, 12);
});

test('the whole map stands in no address', () => {
  expect(unlessWhole(whole)).toBeUndefined();
  expect(
    unlessWhole(zoomed({ left: 0.2, right: 0.9, top: 0.1, bottom: 0.8 }, 100, { x: 0.5, y: 0.5 }, least)),
  ).toBeUndefined();
});
