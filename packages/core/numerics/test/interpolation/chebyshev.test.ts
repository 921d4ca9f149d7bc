import { expect, test } from 'vitest';
import { chebyshevInterpolant } from '../../src/index.js';

test('reproduces polynomials and smooth functions, and holds the ends outside', () => {
  const cubic = chebyshevInterpolant((x) => x ** 3 - 2 * x, -3, 5, 8);
  const sine = chebyshevInterpolant(Math.sin, 0, 6, 32);
  for (let x = 0; x <= 5; x += 0.37) {
    expect(cubic(x)).toBeCloseTo(x ** 3 - 2 * x, 10);
    expect(sine(x)).toBeCloseTo(Math.sin(x), 13);
  }
  expect(cubic(9)).toBeCloseTo(115, 10);
});
