import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rankUnits } from '../../src/map/threshold.js';

test('units are ranked by size, each once, whatever float32 makes of them', () => {
  const close = fc.constantFrom(
    1,
    1 + 1e-12,
    1 - 1e-12,
    -1,
    -1 - 1e-13,
    0,
    1e-320,
    -1e300,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(close, fc.double())), (values) => {
      const expected = [...values.keys()]
        .filter((unit) => !Number.isNaN(values[unit]))
        .sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]) || a - b);
      const { order, size } = rankUnits(values, 'both', new Map());
      expect([...size]).toEqual(expected.map((unit) => Math.abs(values[unit])));
      expect([...order].sort((a, b) => a - b)).toEqual([...expected].sort((a, b) => a - b));
      for (let place = 1; place < size.length; place++) expect(size[place - 1]).toBeGreaterThanOrEqual(size[place]);
    }),
  );
});
