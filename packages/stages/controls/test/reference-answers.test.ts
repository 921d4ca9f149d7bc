import { expect, test } from 'vitest';
import type { PresentedPrompts } from '../src/presented-prompts.js';
import { referenceScores } from '../src/reference-answers.js';

/** Two sessions of two tasks; each run has two prompts of rest and two of the task. */
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

test('a fold that leaves a decoder nothing to learn from identifies nothing, and the others are asked', async () => {
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

test.each([
  ['of each task', (row: number) => 1 + prompts.task[row]],
  ['of both tasks', () => 1],
])('where the prompts %s are all alike there is nothing for a linear discriminant to learn', async (_, thingOf) => {
  // As one generated token is, which may be the same after all prompts.
  const width = 3;
  const values = Float64Array.from({ length: 16 * width }, (_, i) =>
    thingOf(Math.floor(i / width)) === i % width ? 1 : 0,
  );
  const folds = [0, 1].map((session) => ({
    session,
    heldOut: Int32Array.from(at.filter((row) => prompts.session[row] === session && isTask[row] === 1)),
    training: Int32Array.from(at.filter((row) => prompts.session[row] !== session)),
  }));
  const decoders = ['linear discriminant', ...['nearest centroid', 'cosine to centroid', 'ridge', 'logistic']];
  const { whole } = await referenceScores({ values, width, kind: 'counts' }, prompts, [folds], decoders);
  const said = decoders.filter((decoder) =>
    whole[0].get(decoder)!.every(({ scores }) => scores.every(Number.isFinite)),
  );
  expect(said).toEqual(decoders.slice(1));
});
