import { expect } from 'vitest';

type Numbers = number | ArrayLike<number>;

/** Every number is off by at most `relative` times the size of what is expected. Names the worst. */
export function expectWithinRelative(found: Numbers, expected: Numbers, relative: number, what: unknown = ''): void {
  expectErrorsWithin(found, expected, relative, what, (a, b) => Math.abs(a - b) / Math.abs(b));
}

/** Every number is off by at most `absolute`, in its own unit. Names the worst. */
export function expectWithinAbsolute(found: Numbers, expected: Numbers, absolute: number, what: unknown = ''): void {
  expectErrorsWithin(found, expected, absolute, what, (a, b) => Math.abs(a - b));
}

/** Equal numbers are no error, infinite ones included; NaN is one, whatever was expected. */
function expectErrorsWithin(
  found: Numbers,
  expected: Numbers,
  tolerance: number,
  what: unknown,
  errorOf: (found: number, expected: number) => number,
): void {
  const [a, b] = [numbersOf(found), numbersOf(expected)];
  expect(a.length, named(what)).toBe(b.length);
  let worst = 0;
  let at = 0;
  for (let i = 0; i < a.length; i++) {
    const error = a[i] === b[i] ? 0 : errorOf(a[i], b[i]);
    if (!(error <= worst)) [worst, at] = [error, i];
    if (Number.isNaN(worst)) break;
  }
  expect(worst, `${named(what)} element ${at}: ${a[at]}, not ${b[at]}`).toBeLessThanOrEqual(tolerance);
}

const numbersOf = (numbers: Numbers): ArrayLike<number> => (typeof numbers === 'number' ? [numbers] : numbers);
const named = (what: unknown) => (typeof what === 'string' ? what : JSON.stringify(what));
