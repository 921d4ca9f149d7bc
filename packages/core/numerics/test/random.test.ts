import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { expect, test } from 'vitest';
import { randomStream } from '../src/index.js';

test('whole numbers are pure-rand’s, of every range', () => {
  const digest = createHash('sha256')
    .update(JSON.stringify(['a', 1]))
    .digest();
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((at) => digest.readInt32LE(at)));
  const stream = randomStream('a', 1);
  for (let power = 0; power < 45; power++)
    for (const n of [2 ** power - 1, 2 ** power, 2 ** power + 1, Math.round(2 ** (power + 0.6))])
      for (let i = 0; i < 20 && n >= 1; i++) expect(stream.integer(n)).toBe(uniformInt(generator, 0, n - 1));
});

test('numbers are shuffled in place as items are into a copy', () => {
  const items = Array.from({ length: 100 }, (_, i) => 3 * i);
  const numbers = Int32Array.from(items);
  randomStream(7).shuffle(numbers);
  expect([...numbers]).toEqual(randomStream(7).shuffled(items));
});
