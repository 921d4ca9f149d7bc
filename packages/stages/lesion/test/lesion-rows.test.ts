import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import type { LesionChanges } from '../src/lesion-changes.js';
import { comparisonRows, matrixRows, selectivityRows } from '../src/lesion-rows.js';

const topics = ['cats', 'dogs', 'rest'].map((topic, k) => ({ topic, texts: [0, 1, 2, 3, 4, 5].map((t) => 6 * k + t) }));
const lesion = (network: string, own: number, seed: number): LesionChanges => {
  const stream = randomStream(seed);
  const noise = () => Float64Array.from({ length: 18 }, () => 0.01 * stream.normal());
  const first = network === 'cats' ? 0 : 6;
  const change = noise().map((value, t) => (t >= first && t < first + 6 ? value + own : value));
  return {
    ...{ sites: 'activation', kind: 'mean', dose: 1, network, units: 7, change },
    ...{ controls: Array.from({ length: 49 }, noise), imbalance: { mean: 0.02, spread: -0.01 } },
    comparisons: [
      { against: 'random', draws: Array.from({ length: 24 }, noise), imbalance: { mean: 1, spread: 2 } },
      { against: 'bottom', draws: [noise()], imbalance: { mean: 3, spread: 4 } },
    ],
  };
};
const lesions = [lesion('cats', 0.3, 1), lesion('dogs', 0, 2)];
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('a cell is the mean change over its topic’s texts, held against control units over the whole matrix', () => {
  const rows = matrixRows(lesions, topics, new Float64Array(18).fill(4), 1);
  expect(rows.map(({ network, topic }) => `${network} ${topic}`)).toHaveLength(6);
  for (const row of rows) {
    const { change } = lesions.find(({ network }) => network === row.network)!;
    const own = topics.find(({ topic }) => topic === row.topic)!.texts.map((t) => change[t]);
    expect(row.change).toBeCloseTo(mean(own), 12);
    expect(row.lower).toBeLessThan(row.change);
    expect(row.upper).toBeGreaterThan(row.change);
    expect(row.loss).toBe(4);
    expect(row.p_over_matrix).toBeGreaterThanOrEqual(row.p);
    if (row.network === 'cats' && row.topic === 'cats') expect(row.p_over_matrix).toBe(1 / 50);
    else expect(row.p_over_matrix).toBeGreaterThan(0.05);
  }
});

test('selectivity is own topic’s change less the mean of the others’', () => {
  const [cats, dogs] = selectivityRows(lesions, topics, 1);
  const { change } = lesions[0];
  const others = (mean([...change.subarray(6, 12)]) + mean([...change.subarray(12)])) / 2;
  expect(cats.selectivity).toBeCloseTo(mean([...change.subarray(0, 6)]) - others, 12);
  expect(cats.others).toBeCloseTo(others, 12);
  expect([cats.p_over_networks, cats.opposite_p]).toEqual([1 / 50, 1]);
  expect(dogs.p_over_networks).toBeGreaterThan(0.05);
  expect(cats.lower).toBeGreaterThan(0.2);
  // A network whose topic has no texts is not tested.
  expect(selectivityRows(lesions, topics.slice(1), 1).map(({ network }) => network)).toEqual(['dogs']);
});

test('random strings are none of the other topics, and texts that were not read under a lesion do not count', () => {
  const named = topics.map((own) => (own.topic === 'rest' ? { ...own, topic: 'random-strings' } : own));
  const [cats] = selectivityRows(lesions, named, 1);
  const { change } = lesions[0];
  expect(cats.others).toBeCloseTo(mean([...change.subarray(6, 12)]), 12);
  const part = { ...lesions[0], change: change.map((value, t) => (t >= 8 && t < 12 ? Number.NaN : value)) };
  expect(selectivityRows([part], named, 1)[0].others).toBeCloseTo(mean([...change.subarray(6, 8)]), 12);
  expect(matrixRows([part], named, new Float64Array(18), 1).map(({ texts }) => texts)).toEqual([6, 2, 6]);
});

test('a network is held against every sort of other units', () => {
  const rows = comparisonRows(lesions, topics);
  expect(rows.map(({ network, against, draws }) => `${network} ${against} ${draws}`)).toEqual(
    ['cats', 'dogs'].flatMap((name) => [`${name} matched 49`, `${name} random 24`, `${name} bottom 1`]),
  );
  const [matched, random, bottom] = rows;
  const [cats] = selectivityRows(lesions, topics, 1);
  expect([matched.selectivity, matched.spread]).toEqual([cats.control_selectivity, cats.control_spread]);
  expect(matched.p).toBe(cats.p);
  expect([random.p, random.mean_imbalance]).toEqual([1 / 25, 1]);
  expect([bottom.p, bottom.spread]).toEqual([Number.NaN, Number.NaN]);
  expect(bottom.own - bottom.others).toBeCloseTo(bottom.selectivity, 12);
});
