import { contrastNetworkOf, peaksOf } from '@galvani/networks';
import { tLogTwoSided, tQuantile } from '@galvani/numerics';
import type { WholeMap } from '@galvani/results';
import { studySchema } from '@galvani/study';
import { expect, test } from 'vitest';

const rule = studySchema.parse({ tasks: ['a', 'b'] }).networks;
const df = 7.5;
/** A map of two sites of six units and one of head units; t as given. */
function mapOf(t: number[], kind: WholeMap['kind'] = 'task', more: Partial<WholeMap> = {}): WholeMap {
  const log10p = Float64Array.from(t, (value) => tLogTwoSided(value, df) / Math.LN10);
  const columns: Record<string, Float64Array> = {
    effect: Float64Array.from(t, (value) => value / 10),
    variance: new Float64Array(t.length).fill(0.01),
    t: Float64Array.from(t),
    z: Float64Array.from(t, (value) => value / 2),
    d: Float64Array.from(t, (value) => value / 4),
    log10_p: log10p,
    log10_p_familywise: log10p.map((value) => Math.min(0, value + 1)),
  };
  const sites = ['one', 'two'].map((site, s) => ({ site, kind: 'linear', layer: 'block-00', width: 6, start: 6 * s }));
  return {
    kind,
    sites,
    flags: new Uint8Array(t.length),
    copyOf: new Int32Array(t.length).fill(-1),
    unreachable: new Uint8Array(t.length),
    statistic: (name) => columns[name] ?? new Float64Array(t.length).fill(Number.NaN),
    ...more,
  };
}
const t = [9, -8, 7, 6, 3, 1, -2, 8.5, 0.5, 0.1, 2.5, 0];

test('peaks are the strongest by size, at most three of a site, ranked', () => {
  const peaks = peaksOf({ kind: 'task', name: 'a' }, mapOf(t), rule);
  expect(peaks.map(({ site, unit }) => [site, unit])).toEqual([
    ['one', 0],
    ['two', 1],
    ['one', 1],
    ['one', 2],
    ['two', 4],
    ['two', 0],
  ]);
  expect(peaks.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(peaks.map(({ member }) => member)).toEqual([true, true, true, true, false, false]);
});

test('the interval of an effect has the degrees of freedom of the map', () => {
  for (const { effect, effect_lower, effect_upper } of peaksOf({ kind: 'task', name: 'a' }, mapOf(t), rule)) {
    expect(effect_upper - effect).toBeCloseTo(0.1 * tQuantile(0.975, df), 6);
    expect(effect - effect_lower).toBeCloseTo(0.1 * tQuantile(0.975, df), 6);
  }
});

test('units that do not count are no peaks: constant ones, copies', () => {
  const flags = new Uint8Array(12);
  flags[0] = 1;
  const copyOf = new Int32Array(12).fill(-1);
  copyOf[1] = 2;
  const [first, second] = peaksOf({ kind: 'task', name: 'a' }, mapOf(t, 'task', { flags, copyOf }), rule);
  expect([first.unit, first.site]).toEqual([1, 'two']);
  expect([second.unit, second.site]).toEqual([2, 'one']);
});

test('an F contrast is ranked by z, and its effect is not known', () => {
  const map = mapOf(t, 'contrast');
  const none = new Float64Array(12).fill(Number.NaN);
  const F = {
    ...map,
    statistic: (name: string) => (name === 'z' || name.startsWith('log10') ? map.statistic(name) : none),
  };
  const [first] = peaksOf({ kind: 'contrast', name: 'any' }, F, rule);
  expect(first).toMatchObject({ map: 'contrast', name: 'any', unit: 0, effect: Number.NaN, effect_lower: Number.NaN });
});

test('units of a contrast survive by the rule of a network', () => {
  const { units, sizes, counted } = contrastNetworkOf('a', mapOf(t, 'contrast'), rule);
  expect(units.map(({ contrast, site, unit }) => [contrast, site, unit])).toEqual(
    [0, 1, 2, 3].map((unit) => ['a', 'one', unit]).concat([['a', 'two', 1]]),
  );
  expect(sizes.map(({ members, positive, negative }) => [members, positive, negative])).toEqual([
    [4, 3, 1],
    [1, 1, 0],
  ]);
  expect(counted).toBe(12);
});

test('units of a head bear their tokens', () => {
  const map = mapOf(t);
  const head = { ...map, sites: map.sites.map((site) => (site.site === 'two' ? { ...site, kind: 'head' } : site)) };
  const vocabulary = ['<pad>', ' bone', 'fossil'];
  const peaks = peaksOf({ kind: 'task', name: 'a' }, head, rule, vocabulary);
  expect(peaks.map(({ token }) => token)).toEqual(['', ' bone', '', '', '', '<pad>']);
});
