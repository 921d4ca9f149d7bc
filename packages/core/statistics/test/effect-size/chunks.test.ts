import { expect, test } from 'vitest';
import { cohensDInterval, partialEtaSquaredInterval } from '../../src/index.js';

const t = Float64Array.from({ length: 260 }, (_, v) => (v - 130) / 7);
const unscaled = t.map(() => 0.1);

test('an interval does not depend on which other units are there, to the last bit', () => {
  const whole = cohensDInterval(t, unscaled, 40);
  const part = cohensDInterval(t.slice(20, 50), unscaled.slice(20, 50), 40);
  expect(part.lower).toEqual(whole.lower.slice(20, 50));
  expect(part.upper).toEqual(whole.upper.slice(20, 50));
  const F = t.map((value) => value * value);
  const all = partialEtaSquaredInterval(F, 2, 40);
  const some = partialEtaSquaredInterval(F.slice(20, 50), 2, 40);
  expect(some.lower).toEqual(all.lower.slice(20, 50));
  expect(some.upper).toEqual(all.upper.slice(20, 50));
});
