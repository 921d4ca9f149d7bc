import { randomStream } from '@galvani/numerics';
import { textDecoder } from '@galvani/steer';
import { expect, test } from 'vitest';

const embedding = { values: Float32Array.of(-1, 0, 1, 0, 0, -1, 0, 1), width: 2 };
/** Texts whose tokens are their topic's most of the time. */
const stream = randomStream(1);
const text = (topic: number, session: number, written: boolean) => ({
  tokens: Int32Array.from({ length: 12 }, () => (stream.uniform() < 0.7 ? topic : stream.integer(4))),
  ...{ topic: ['bread', 'boats', 'rest'][topic], session, written },
});
// Rest is far more frequent.
const texts = [1, 2, 3].flatMap((session) =>
  [0, 1, 2, 2, 2, 2].flatMap((topic) =>
    [true, false].flatMap((written) => [0, 1].map(() => text(topic, session, written))),
  ),
);

test('topics are told by their words, and held-out texts are those that the model wrote on tasks', () => {
  const { topics, probabilities, heldOut } = textDecoder(texts, embedding, 'rest');
  expect(topics).toEqual(['bread', 'boats', 'rest']);
  expect(heldOut.map(({ session, texts: count }) => [session, count])).toEqual([
    [1, 4],
    [2, 4],
    [3, 4],
  ]);
  expect(heldOut.reduce((sum, { right }) => sum + right, 0)).toBeGreaterThanOrEqual(10);
  for (const own of probabilities(texts.map(({ tokens }) => tokens)))
    expect(own.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
});

test('a topic is no more probable for being frequent', () => {
  const { probabilities } = textDecoder(texts, embedding, 'rest');
  // A token of no topic.
  const [bread, boats, rest] = probabilities([Int32Array.of(3)])[0];
  expect(rest).toBeLessThan(2 * Math.max(bread, boats));
});
