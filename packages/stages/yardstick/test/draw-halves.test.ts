import { randomStream } from '@galvani/numerics';
import { drawHalves, halfAgreement, matchTopics } from '@galvani/yardstick';
import { expect, test } from 'vitest';

/** Six runs of two tasks, 6 prompts on and 12 off; rest is of six topics. */
const runs = Int32Array.from({ length: 108 }, (_, row) => Math.floor(row / 18));
const restTopics = ['a', 'b', 'c', 'd', 'e', 'f'];
const rowsWhere = (is: (row: number) => boolean) => [...runs.keys()].filter(is);
const topics = [
  ...['fossils', 'cells'].map((name, t) => ({
    name,
    isTask: true,
    rows: rowsWhere((row) => row % 18 < 6 && runs[row] % 2 === t),
  })),
  ...restTopics.map((name, k) => ({ name, isTask: false, rows: rowsWhere((row) => row % 18 >= 6 && row % 6 === k) })),
];

test('as many prompts are compared as every task and three quarters of the rest topics have; too few are said to be', () => {
  expect(matchTopics(topics)).toMatchObject({ prompts: 12 });
  const short = topics.map((topic) => (topic.name === 'a' ? { ...topic, rows: topic.rows.slice(0, 5) } : topic));
  const matched = matchTopics(short);
  expect(matched).toMatchObject({ prompts: 12 });
  expect((matched as Exclude<typeof matched, string>).topics.map(({ name }) => name)).not.toContain('a');
  expect(matchTopics(short, 4)).toMatchObject({ prompts: 4, topics: short });
  expect(matchTopics(topics.slice(0, 6))).toBe(
    'too few of the rest topics have 4 prompts or more in the study: 4, and a comparison takes 5',
  );
  expect(matchTopics(topics, 20)).toMatch(/^too few of the rest topics have 20 prompts or more in the study: 0,/);
});

test('halves share no prompt, and each topic is beside prompts on others, of its own runs', () => {
  const matched = matchTopics(topics, 8) as Exclude<ReturnType<typeof matchTopics>, string>;
  const draw = drawHalves({ topics, runs }, matched, randomStream('halves'));
  const [first, second] = draw.map((half) => new Set(half.flatMap(({ rows }) => rows)));
  expect([...first].filter((row) => second.has(row))).toEqual([]);
  for (const half of draw)
    for (const [k, { rows, isOwn }] of half.entries()) {
      const own = rows.filter((_, i) => isOwn[i]);
      const beside = rows.filter((_, i) => !isOwn[i]);
      expect(own).toHaveLength(4);
      expect(own.every((row) => topics[k].rows.includes(row))).toBe(true);
      expect(beside.every((row) => row % 18 >= 6 && !topics[k].rows.includes(row))).toBe(true);
      expect(new Set(beside.map((row) => runs[row]))).toEqual(new Set(own.map((row) => runs[row])));
    }
});

test('two halves agree in the product of their maps, their correlation, and which is most like which', () => {
  const agreement = halfAgreement(2);
  agreement.add([Float64Array.of(1, 2, 0, 3), Float64Array.of(2, 0, 3, 1)], 2);
  agreement.add([Float64Array.of(3, 1), Float64Array.of(3, 3)], 1);
  const { squaredEffect, repeatability, identified } = agreement.finish();
  // Topic 0: (1, 2, 3) and (2, 0, 3); topic 1: (0, 3, 1) and (3, 1, 3).
  expect([...squaredEffect]).toEqual([11 / 3, 2]);
  expect(repeatability[0]).toBeCloseTo(1 / Math.sqrt(2 * (14 / 3)));
  expect([...identified]).toEqual([1, 0]);
});
