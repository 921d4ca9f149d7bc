import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { type LesionChanges, matrixRows, selectivityRows } from '../src/lesion-rows.js';

const topics = ['cats', 'dogs', 'rest'].map((topic, k) => ({ topic, texts: [0, 1, 2, 3, 4, 5].map((t) => 6 * k + t) }));
const lesion = (network: string, own: number, seed: number): LesionChanges => {
  const stream = randomStream(seed);
  const noise = () => Float64Array.from({ length: 18 }, () => 0.01 * stream.normal());
  const first = network === 'cats' ? 0 : 6;
  const change = noise().map((value, t) => (t >= first && t < first + 6 ? value + own : value));
  return {
    ...{ sites: 'activation', kind: 'mean', dose: 1, network, units: 7, change },
    ...{ controls: Array.from({ length: 49 }, noise), imbalance: { mean: 0.02, spread: -0.01 } },
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
