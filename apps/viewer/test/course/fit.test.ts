import { expect, test } from 'vitest';
import { residualCourse, runFit } from '../../src/course/fit.js';
import type { RunCourse } from '../../src/course/study-course.js';

const course = (means: number[], task: string): RunCourse =>
  ({
    run: { prompts: means.map((_, p) => ({ condition: task[p] === '1' ? 'task' : 'rest' })) },
    values: Float32Array.from(means.flatMap((mean) => [mean - 1, mean + 1])),
    promptOf: means.flatMap((_, p) => [p, p]),
    promptMeans: Float64Array.from(means),
  }) as never;

test('with the run’s own effect the fit is the conditions’ means', () => {
  const { expected, explained } = runFit(course([1, 3, 7, 9], '0011'), 6);
  expect([...expected]).toEqual([2, 2, 8, 8]);
  // Residual sum of squares 4 of a total of 40.
  expect(explained).toBeCloseTo(0.9, 12);
});

test('with another effect the level is that of least squares, and residuals add up to 0', () => {
  const own = course([1, 3, 7, 9, Number.NaN], '00111');
  const fit = runFit(own, 4);
  expect([...fit.expected]).toEqual([3, 3, 7, 7, 7]);
  const { promptMeans, values } = residualCourse(own, fit);
  expect([...promptMeans.subarray(0, 4)]).toEqual([-2, 0, 0, 2]);
  expect([...values.subarray(0, 4)]).toEqual([-3, -1, -1, 1]);
  for (const shift of [-0.01, 0.01]) {
    const squares = (by: number) => [1, 3, 7, 9].reduce((sum, mean, p) => sum + (mean - fit.expected[p] - by) ** 2, 0);
    expect(squares(shift)).toBeGreaterThan(squares(0));
  }
});
