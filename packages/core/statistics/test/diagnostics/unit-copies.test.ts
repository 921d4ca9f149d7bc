import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { copyCorrelation, unitCopies } from '../../src/diagnostics/unit-copies.js';

const prompts = 60;
const runs = Int32Array.from({ length: prompts }, (_, p) => Math.floor(p / 12));

/** Units that share three courses over prompts and add a little of their own, so that many pairs are near the limit. */
function related(units: number, own: number): Float64Array {
  const random = randomStream(3, 'copies', units);
  const courses = Array.from({ length: 3 }, () => Float64Array.from({ length: prompts }, () => random.normal()));
  const means = new Float64Array(prompts * units);
  for (let u = 0; u < units; u++) {
    const loads = courses.map(() => Math.round(2 * random.normal()) / 2);
    for (let p = 0; p < prompts; p++)
      means[p * units + u] = own * random.normal() + courses.reduce((sum, course, c) => sum + loads[c] * course[p], 0);
  }
  return means;
}

/** The definition, pair by pair. */
function pairByPair(means: Float64Array, units: number): number[] {
  const series = Array.from({ length: units }, (_, u) => {
    const own = Float64Array.from({ length: prompts }, (_, p) => means[p * units + u]);
    const level = (run: number) => own.filter((_, p) => runs[p] === run).reduce((a, b) => a + b, 0) / 12;
    const about = own.map((value, p) => value - level(runs[p]));
    const length = Math.hypot(...about);
    return about.map((value) => value / length);
  });
  const copyOf: number[] = [];
  for (const [u, own] of series.entries()) {
    const like = (v: number) => own.reduce((sum, value, p) => sum + value * series[v][p], 0) >= copyCorrelation;
    copyOf.push([...copyOf.keys()].find((v) => copyOf[v] < 0 && like(v)) ?? -1);
    expect(copyOf).toHaveLength(u + 1);
  }
  return copyOf;
}

test.each([60, 1200])('of %i units those are copies that pairwise correlations say', (units) => {
  const means = related(units, 0.05);
  const found = [...unitCopies(means, { units, first: 0, width: units }, runs)];
  expect(found).toEqual(pairByPair(means, units));
  expect(found.filter((of) => of >= 0).length).toBeGreaterThan(units / 20);
});

test('of many units those are copies that were made of others', () => {
  const random = randomStream(5, 'many');
  const units = 8300;
  const copied = (u: number) => (u % 10 === 9 ? u - 9 : -1);
  const means = Float64Array.from({ length: prompts * units }, () => random.normal());
  for (let p = 0; p < prompts; p++)
    for (let u = 9; u < units; u += 10)
      means[p * units + u] = 2 * means[p * units + copied(u)] + 0.01 * random.normal();
  const found = unitCopies(means, { units, first: 0, width: units }, runs);
  expect([...found]).toEqual(Array.from({ length: units }, (_, u) => copied(u)));
});

test('level, scale and a shift between runs make no difference; the sign does', () => {
  const random = randomStream(1, 'scaled');
  const units = 5;
  const means = new Float64Array(prompts * units);
  for (let p = 0; p < prompts; p++) {
    const value = random.normal();
    means.set([random.normal(), value, 3 * value + 100 * runs[p] - 7, -value, 4], p * units);
  }
  expect([...unitCopies(means, { units, first: 0, width: units }, runs)]).toEqual([-1, -1, 1, -1, -1]);
  expect([...unitCopies(means, { units, first: 1, width: 2 }, runs)]).toEqual([-1, 0]);
  expect([...unitCopies(means, { units, first: 1, width: 2 }, runs, Uint8Array.of(1, 0))]).toEqual([1, -1]);
});

test('with few prompts none is looked for', () => {
  const means = Float64Array.from({ length: 42 }, (_, i) => Math.floor(i / 2) % 5);
  const copies = (rows: number) => [
    ...unitCopies(means.subarray(0, 2 * rows), { units: 2, first: 0, width: 2 }, new Int32Array(rows)),
  ];
  expect(copies(20)).toEqual([-1, -1]);
  expect(copies(21)).toEqual([-1, 0]);
});
