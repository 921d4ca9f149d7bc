import { expect, test } from 'vitest';
import type { PresentedPrompts } from '../src/presented-prompts.js';
import { referenceScores } from '../src/reference-answers.js';

test('a fold that leaves a decoder nothing to learn from identifies nothing, and the others are asked', async () => {
  // Two sessions of two tasks; each run has two prompts of rest and two of the task.
  const at = Array.from({ length: 16 }, (_, row) => row);
  const isTask = Uint8Array.from(at, (row) => (row % 4 > 1 ? 1 : 0));
  const prompts: PresentedPrompts = {
    tasks: ['weather', 'cooking'],
    run: Int32Array.from(at, (row) => Math.floor(row / 4)),
    session: Int32Array.from(at, (row) => Math.floor(row / 8)),
    task: Int32Array.from(at, (row) => Math.floor(row / 4) % 2),
    isTask,
    events: at.map(() => ({}) as never),
  };
  const width = 3;
  const values = Float32Array.from({ length: 16 * width }, (_, i) => Math.sin(i * i));
  const rest = at.filter((row) => row >= 8 && isTask[row] === 0);
  const fold = (...taught: number[]) => ({
    session: 0,
    heldOut: Int32Array.of(2),
    training: Int32Array.from([...rest, ...taught].sort((a, b) => a - b)),
  });
  // A prompt of each task; two of one; prompts of one task alone.
  const folds = [fold(10, 14), fold(10, 11, 14), fold(10, 11)];
  const { whole } = await referenceScores(
    { values, width, kind: 'activity' },
    prompts,
    folds.map((each) => [each]),
    ['linear discriminant', 'nearest centroid', 'ridge'],
  );
  const says = (decoder: string) => whole.map((kind) => [...kind.get(decoder)![0].scores].every(Number.isFinite));
  expect(says('linear discriminant')).toEqual([false, true, false]);
  expect(says('nearest centroid')).toEqual([true, true, false]);
  expect(says('ridge')).toEqual([true, true, false]);
  expect([...whole[0].get('linear discriminant')![0].scores]).toEqual([
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]);
});
