import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawnUnits } from '../../src/map/drawn-units.js';
import { countAbove, hasSign, rankUnits, worstOf } from '../../src/map/threshold.js';

const maps = fc
  .array(
    fc.record({
      value: fc.oneof(fc.double({ min: -9, max: 9, noNaN: true }), fc.constant(Number.NaN)),
      p: fc.oneof(fc.double({ min: -8, max: 0, noNaN: true }), fc.constant(Number.NaN)),
    }),
    { maxLength: 60 },
  )
  .map((units) => ({
    values: Float64Array.from(units, ({ value }) => value),
    corrected: new Map([['familywise', Float64Array.from(units, ({ p }) => p)]]),
  }));
const signs = fc.constantFrom('both' as const, 'positive' as const, 'negative' as const);

test('a threshold leaves the units that have the sign and are as large, and says their largest corrected p', () => {
  fc.assert(
    fc.property(maps, signs, fc.double({ min: 0, max: 9, noNaN: true }), ({ values, corrected }, sign, threshold) => {
      const ranked = rankUnits(values, sign, corrected);
      const left = [...values.keys()].filter((u) => hasSign(values[u], sign) && Math.abs(values[u]) >= threshold);
      const above = countAbove(ranked, threshold);
      expect(above).toBe(left.length);
      expect([...ranked.order.slice(0, above)].sort((a, b) => a - b)).toEqual(left);
      const known = left.map((u) => corrected.get('familywise')![u]).filter((p) => !Number.isNaN(p));
      expect(worstOf(ranked, 'familywise', above)).toBe(known.length > 0 ? Math.max(...known) : Number.NaN);
      const drawn = drawnUnits({ values, corrected }, ranked, { by: 'statistic', threshold, sign });
      expect(drawn.count).toBe(left.length);
      if (drawn.units) expect([...drawn.units.keys()].filter((u) => drawn.units![u] === 1)).toEqual(left);
    }),
  );
});

test('a threshold on corrected p leaves those whose p is as small; exactly the threshold passes', () => {
  fc.assert(
    fc.property(maps, signs, fc.double({ min: -8, max: 0, noNaN: true }), ({ values, corrected }, sign, log10p) => {
      const ranked = rankUnits(values, sign, corrected);
      const p = corrected.get('familywise')!;
      const drawn = drawnUnits({ values, corrected }, ranked, { by: 'familywise', threshold: 10 ** log10p, sign });
      const left = [...values.keys()].filter((u) => hasSign(values[u], sign) && p[u] <= log10p + 1e-12);
      expect(drawn.count).toBe(left.length);
    }),
  );
  const values = Float64Array.of(3);
  const corrected = new Map([['familywise', Float64Array.of(Math.log10(0.05))]]);
  const ranked = rankUnits(values, 'both', corrected);
  expect(drawnUnits({ values, corrected }, ranked, { by: 'familywise', threshold: 0.05, sign: 'both' }).count).toBe(1);
});
