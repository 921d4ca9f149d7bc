import { randomStream } from '@galvani/numerics';
import { membership, strongestShare, wholeMap } from '@galvani/results';
import { studySchema } from '@galvani/study';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const values = fc
  .array(fc.oneof(fc.double({ min: -40, max: 40 }), fc.constant(Number.NaN)), { minLength: 1, maxLength: 80 })
  .map((list) => Float64Array.from(list));
const share = fc.double({ min: 0.001, max: 1, noNaN: true });
const sign = fc.constantFrom('both', 'positive', 'negative');

test('no unit outside is stronger than one inside, and there are as many as the share is, ties with the last besides', () => {
  fc.assert(
    fc.property(values, share, (statistic, part) => {
      const chosen = strongestShare(statistic, part, 'both');
      const size = (inside: boolean) => [...statistic].filter((_, u) => (chosen[u] !== 0) === inside).map(Math.abs);
      const [inside, outside] = [size(true), size(false).filter((own) => own > 0)];
      const least = Math.min(...inside);
      expect(Math.max(0, ...outside)).toBeLessThan(least);
      const wanted = Math.max(1, Math.round(part * statistic.filter((own) => !Number.isNaN(own)).length));
      expect(inside.filter((own) => own > least).length).toBeLessThan(wanted);
    }),
  );
});

test('it depends neither on the order of units nor on their scale, and mirrored it has the other sign', () => {
  fc.assert(
    fc.property(values, share, sign, (statistic, part, which) => {
      const chosen = strongestShare(statistic, part, which);
      const order = randomStream(1, 'order').shuffled([...statistic.keys()]);
      const moved = strongestShare(
        Float64Array.from(order, (u) => statistic[u]),
        part,
        which,
      );
      expect([...moved]).toEqual(order.map((u) => chosen[u]));
      expect(
        strongestShare(
          statistic.map((own) => 4 * own),
          part,
          which,
        ),
      ).toEqual(chosen);
      const opposite = ({ both: 'both', positive: 'negative', negative: 'positive' } as const)[which];
      const mirrored = strongestShare(
        statistic.map((own) => -own),
        part,
        opposite,
      );
      expect([...mirrored].map((own) => 0 - own)).toEqual([...chosen].map((own) => 0 + own));
    }),
  );
});

test('a study’s networks are the strongest units that count, however small their effects and large their p', () => {
  const t = Float64Array.of(2, -9, 1, 0.5, Number.NaN, 3, 8, -1);
  const map = wholeMap({ kind: 'task', contrast: 'x' }, [
    {
      layer: 'l',
      map: {
        sites: [{ site: 'a', kind: 'linear', width: t.length }],
        flags: new Uint8Array(t.length),
        contrasts: new Map([['x', { t, d: t.map((own) => own / 100), log10_p_familywise: t.map(() => 0) }]]),
        // The last but one copies unit 1.
        marks: { copyOf: Int32Array.of(-1, -1, -1, -1, -1, -1, 1, -1), unreachable: new Uint8Array(t.length) },
        facts: {},
      },
    },
  ]);
  const members = (networks: object) => {
    const rule = studySchema.parse({ tasks: ['a'], networks }).networks;
    return [...membership(map, rule)];
  };
  expect(members({ top: '33%' })).toEqual([0, -1, 0, 0, 0, 1, 0, 0]);
  expect(members({ top: '33%', sign: 'positive' })).toEqual([1, 0, 0, 0, 0, 1, 0, 0]);
  expect(members({ top: '0.1%', copies: 'all' })).toEqual([0, -1, 0, 0, 0, 0, 0, 0]);
  expect(members({})).toEqual(Array(8).fill(0));
});
