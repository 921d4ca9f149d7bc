import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jobArray } from '../../src/index.js';
import { indexList, tasksOfIndex } from '../../src/slurm/job-array.js';
import type { Task } from '../../src/task.js';

const tasksOf = (count: number) => Array.from({ length: count }, (_, i) => ({ stage: 'extract', id: `${i}` }) as Task);

test('every wanted unit is in one task of the array, whose indices stay below MaxArraySize and mean the same whatever is wanted', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3000 }),
      fc.integer({ min: 2, max: 1500 }),
      fc.integer({ min: 1, max: 40 }),
      fc.func(fc.boolean()),
      (count, maxArraySize, unitsPerTask, wanted) => {
        const tasks = tasksOf(count);
        const some = jobArray(tasks, ({ id }) => wanted(id), { unitsPerTask, maxArraySize });
        const all = jobArray(tasks, () => true, { unitsPerTask, maxArraySize });
        expect(some.size).toBe(all.size);
        expect(some.size).toBeGreaterThanOrEqual(Math.min(count, unitsPerTask));
        expect(Math.max(...all.indices)).toBeLessThan(Math.max(maxArraySize, 2));
        expect(all.indices.flatMap((k) => tasksOfIndex(tasks, all, k))).toEqual(tasks);
        const done = new Set(some.indices.flatMap((k) => tasksOfIndex(tasks, some, k)));
        expect(tasks.filter((task) => wanted(task.id) && !done.has(task))).toEqual([]);
      },
    ),
    { numRuns: 40 },
  );
});

test('an array has no larger tasks than it must', () => {
  const limits = { unitsPerTask: 1, maxArraySize: 1001 };
  expect(jobArray(tasksOf(1000), () => true, limits).size).toBe(1);
  expect(jobArray(tasksOf(1001), () => true, limits)).toMatchObject({ size: 2, units: 1001 });
});

test('indices are listed as Slurm does', () => {
  expect(indexList([1])).toBe('1');
  expect(indexList([1, 2, 3, 7, 9, 10])).toBe('1-3,7,9-10');
});
