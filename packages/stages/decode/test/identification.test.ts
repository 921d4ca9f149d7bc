import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import type { Fold } from '../src/fold.js';
import { countCorrect, identify, permutationTest } from '../src/identification.js';

const levels = ['run', 'prompt'] as const;

/**
 * One of two sessions held out, of `tasks` runs with one task prompt each. The network of a training run matches the run at
 * the same place, so that a held-out run is identified as the task whose label that training run bears.
 */
function fold(session: number, tasks: number): Fold {
  const heldOut = Array.from({ length: tasks }, (_, run) =>
    levels.map((level) => ({ level, run, promptId: level === 'run' ? '' : 'x', z: new Float64Array(0) })),
  ).flat();
  return {
    session,
    heldOut,
    thresholds: Array.from({ length: tasks }, () => 1),
    scores: ([source]) => Float64Array.from(heldOut, ({ run }) => (run === source ? 0.9 : 0.1)),
  };
}

const folds = (tasks: number) => [fold(1, tasks), fold(2, tasks)];

test('a run is identified as the task whose network matches it best', () => {
  const found = identify(fold(1, 3), 0, [
    [0, 1, 2],
    [0, 1, 2],
  ]);
  expect(found.map(({ identified }) => identified)).toEqual([0, 0, 1, 1, 2, 2]);
  expect(found[0].scores).toEqual([0.9, 0.1, 0.1]);
  // Training runs whose labels went round: the run at place 0 bears task 2.
  const other = identify(fold(1, 3), 0, [
    [0, 1, 2],
    [2, 0, 1],
  ]);
  expect(other.map(({ identified }) => identified)).toEqual([2, 2, 0, 0, 1, 1]);
});

test('of equal scores the first task wins, and empty networks identify nothing', () => {
  const labels = [
    [0, 1],
    [0, 1],
  ];
  const equal = { ...fold(1, 2), scores: () => new Float64Array(4).fill(0.5) };
  expect(identify(equal, 0, labels).map(({ identified }) => identified)).toEqual([0, 0, 0, 0]);
  const empty = { ...fold(1, 2), scores: () => new Float64Array(4).fill(-Infinity) };
  expect(identify(empty, 0, labels).map(({ identified }) => identified)).toEqual([-1, -1, -1, -1]);
  expect(countCorrect([empty, empty], labels)).toEqual({ run: 0, prompt: 0 });
});

test('what counts as correct follows the labels of both sessions', () => {
  const both = (first: number[], second: number[]) => countCorrect(folds(3), [first, second]);
  expect(both([0, 1, 2], [0, 1, 2])).toEqual({ run: 6, prompt: 6 });
  // Exchanged alike in both sessions, the labels say the same.
  expect(both([1, 0, 2], [1, 0, 2])).toEqual({ run: 6, prompt: 6 });
  expect(both([0, 1, 2], [1, 0, 2])).toEqual({ run: 2, prompt: 2 });
  expect(both([0, 1, 2], [1, 2, 0])).toEqual({ run: 0, prompt: 0 });
});

test('p is (b + 1) / (m + 1): here a permutation reaches what was observed where both sessions get one order', () => {
  const [tasks, permutations, seed] = [3, 40, 7];
  let done = 0;
  const p = permutationTest(folds(tasks), tasks, permutations, seed, () => done++);
  const stream = randomStream(seed, 'decode', 'permutation');
  let b = 0;
  for (let i = 0; i < permutations; i++) {
    const [first, second] = [stream.shuffled([0, 1, 2]), stream.shuffled([0, 1, 2])];
    if (first.join() === second.join()) b++;
  }
  expect(p).toEqual({ run: (b + 1) / 41, prompt: (b + 1) / 41 });
  expect(done).toBe(permutations);
});

test('of all orders one in 3! agrees, and p comes near that', () => {
  const { run } = permutationTest(folds(3), 3, 3000, 1);
  expect(Math.abs(run - 1 / 6)).toBeLessThan(5 * Math.sqrt(((1 / 6) * (5 / 6)) / 3000));
});

test('where nothing was identified every permutation reaches it, and p is 1', () => {
  const blind = folds(2).map((each) => ({ ...each, scores: () => new Float64Array(4).fill(-Infinity) }));
  expect(permutationTest(blind, 2, 20, 1)).toEqual({ run: 1, prompt: 1 });
});
