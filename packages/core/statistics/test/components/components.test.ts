import { readFileSync } from 'node:fs';
import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../../test/closeness.js';
import { componentTasks, spatialComponents } from '../../src/index.js';

/** scikit-learn's numbers, see make_geometry.py. */
const fixture: {
  components: ({ rows: number; units: number; count: number } & Record<'values' | 'maps' | 'mixing', number[]>)[];
} = JSON.parse(readFileSync(new URL('../fixtures/geometry/geometry.json', import.meta.url), 'utf8'));

for (const { rows, units, count, values, maps, mixing } of fixture.components)
  test(`${count} components of ${rows} rows are scikit-learn's FastICA, up to sign and order`, async () => {
    const found = await spatialComponents(Float64Array.from(values), rows, { components: count, seed: 1 });
    expect([found.count, found.converged]).toEqual([count, true]);
    const theirs = Array.from({ length: count }, (_, k) => maps.slice(k * units, (k + 1) * units));
    const taken = new Set<number>();
    for (let k = 0; k < count; k++) {
      const own = found.maps.subarray(k * units, (k + 1) * units);
      const products = theirs.map((map) => map.reduce((sum, value, u) => sum + value * own[u], 0) / units);
      const best = products.findIndex((value) => Math.abs(value) > 0.5);
      const sign = Math.sign(products[best]);
      taken.add(best);
      expectWithinAbsolute(
        own,
        theirs[best].map((value) => sign * value),
        1e-4,
      );
      const course = Float64Array.from({ length: rows }, (_, i) => found.timeCourses[i * count + k]);
      expectWithinAbsolute(
        course,
        Array.from(course, (_, i) => sign * mixing[i * count + best]),
        1e-3,
      );
    }
    expect(taken.size).toBe(count);
    expect([...found.share]).toEqual([...found.share].sort((a, b) => b - a));
    expect(found.share.reduce((sum, own) => sum + own, 0)).toBeCloseTo(1, 2);
    expectWithinAbsolute(found.stability, [1, 1, 1], 1e-6);
  });

test('maps have mean 0 and variance 1, are uncorrelated, and with all components nothing is left out', async () => {
  const [{ rows, units, values }] = fixture.components;
  const found = await spatialComponents(Float64Array.from(values), rows, { components: 100, seed: 1, restarts: 0 });
  expect(found.count).toBe(rows);
  for (let k = 0; k < rows; k++)
    for (let l = 0; l <= k; l++) {
      let product = 0;
      for (let u = 0; u < units; u++) product += found.maps[k * units + u] * found.maps[l * units + u];
      expect(product / units).toBeCloseTo(k === l ? 1 : 0, 8);
    }
  const means = Float64Array.from({ length: rows }, (_, i) => {
    return values.slice(i * units, (i + 1) * units).reduce((sum, value) => sum + value, 0) / units;
  });
  const rebuilt = Float64Array.from(values, (_, at) => {
    const [i, u] = [Math.floor(at / units), at % units];
    let sum = means[i];
    for (let k = 0; k < rows; k++) sum += found.timeCourses[i * rows + k] * found.maps[k * units + u];
    return sum;
  });
  expectWithinAbsolute(rebuilt, values, 1e-8);
  const again = await spatialComponents(Float64Array.from(values), rows, { components: 100, seed: 1, restarts: 0 });
  expect(again.maps).toEqual(found.maps);
  expect((await spatialComponents(new Float64Array(30), 3, { components: 2, seed: 1 })).count).toBe(0);
});

test('a component that follows a task is found, and nothing else; p is even where nothing follows anything', () => {
  const [runs, prompts, components] = [8, 9, 3];
  const run = Int32Array.from({ length: runs * prompts }, (_, i) => Math.floor(i / prompts));
  const task = run.map((r) => r % 2);
  const isTask = Uint8Array.from(run, (_, i) => (i % prompts < 3 ? 1 : 0));
  const about = { run, task, isTask, tasks: 2, count: 199 };
  let small = 0;
  for (let seed = 0; seed < 100; seed++) {
    const stream = randomStream(seed, 'time courses');
    // A run's level says nothing.
    const courses = Float64Array.from({ length: run.length * components }, (_, at) => {
      return stream.normal() + 5 * run[Math.floor(at / components)];
    });
    if (componentTasks(courses, { ...about, seed }).familywise.some((p) => p <= 0.05)) small++;
    if (seed > 0) continue;
    for (let i = 0; i < run.length; i++) if (task[i] === 1 && isTask[i]) courses[i * components + 2] -= 4;
    const { r, p, familywise } = componentTasks(courses, { ...about, seed });
    expect([...familywise].map((own) => own <= 0.01)).toEqual([false, false, false, false, false, true]);
    expect([p[5], r[5] < -0.7]).toEqual([1 / 200, true]);
  }
  expect(small).toBeLessThan(5 + 3 * Math.sqrt(100 * 0.05 * 0.95));
});
