import { randomStream } from '@galvani/numerics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { imbalance, unitMatcher } from '../../src/lesion/matched-units.js';

function site(units: number, seed: number) {
  const stream = randomStream(seed, 'site');
  const mean = Float64Array.from({ length: units }, () => stream.normal());
  const spread = Float64Array.from({ length: units }, () => Math.exp(stream.normal()));
  return { mean, spread };
}

test('as many units as members are drawn, each once, of the candidates', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 80 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(),
      (units, share, seed) => {
        const candidates = Int32Array.from(randomStream(seed, 'order').shuffled([...Array(units).keys()]));
        const members = candidates.slice(0, Math.max(1, Math.floor(share * units)));
        const drawn = unitMatcher(members, candidates, site(units, seed)).draw(randomStream(seed, 'draw'));
        expect(new Set(drawn).size).toBe(members.length);
        expect([...drawn].every((u) => candidates.includes(u))).toBe(true);
        expect([...drawn]).toEqual([...drawn].sort((a, b) => a - b));
      },
    ),
  );
});

test('units that are drawn resemble members in mean and spread, where random ones do not', () => {
  const activity = site(2000, 1);
  const candidates = Int32Array.from(activity.mean.keys());
  const members = candidates.filter((u) => activity.mean[u] > 0.8 && activity.spread[u] > 1.5).slice(0, 40);
  const stream = randomStream(2, 'draws');
  const matcher = unitMatcher(members, candidates, activity);
  const matched = imbalance(
    members,
    Array.from({ length: 50 }, () => matcher.draw(stream)),
    candidates,
    activity,
  );
  const random = Array.from({ length: 50 }, () => Int32Array.from(stream.shuffled([...candidates]).slice(0, 40)));
  const unmatched = imbalance(members, random, candidates, activity);
  expect(Math.abs(matched.mean)).toBeLessThan(0.1);
  expect(Math.abs(matched.spread)).toBeLessThan(0.1);
  expect(unmatched.mean).toBeLessThan(-0.8);
  expect(unmatched.spread).toBeLessThan(-0.8);
});

test('units without variation are matched with each other', () => {
  const activity = {
    mean: new Float64Array(30),
    spread: Float64Array.from({ length: 30 }, (_, u) => (u < 12 ? 0 : 1 + u)),
  };
  const candidates = Int32Array.from(activity.mean.keys());
  const drawn = unitMatcher(Int32Array.of(0, 1), candidates, activity).draw(randomStream(1));
  expect([...drawn].every((u) => u < 12)).toBe(true);
});

test('one stream, one draw', () => {
  const activity = site(100, 3);
  const candidates = Int32Array.from(activity.mean.keys());
  const matcher = unitMatcher(candidates.slice(0, 9), candidates, activity);
  expect(matcher.draw(randomStream(4))).toEqual(matcher.draw(randomStream(4)));
});
