import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type CopyReader, lossesUnder } from '../../src/forward/losses.js';
import { openLossSubject } from '../../src/load-subject.js';
import { referenceModels } from '../reference.js';

const hooked = JSON.parse(readFileSync(new URL('../fixtures/interventions.json', import.meta.url), 'utf8'));

test.each(['gpt2', 'opt-relu', 'mistral-long'])(
  '%s: losses of several texts under many changes are those of PyTorch with hooks',
  async (name) => {
    const { changes, text, alone, all } = hooked[name];
    const subject = await openLossSubject(referenceModels[name], { interventions: {} });
    const ids = Int32Array.from(text);
    // More than are read at once.
    const lists = Array.from({ length: 70 }, (_, k) => (k % 7 === 6 ? changes : [changes[k % changes.length]]));
    let tokens = 0;
    const losses = await subject.losses({
      texts: [ids, ids.subarray(0, 4), ids.subarray(0, 1)],
      changes: [...lists, []],
      onTokens: (count) => (tokens += count),
    });
    const lossOf = (logProbabilities: number[], count: number) =>
      -logProbabilities.slice(0, count).reduce((sum, value) => sum + value, 0) / count;
    for (const [k, list] of lists.entries()) {
      const expected = list === changes ? all : alone[list[0].site];
      expect(Math.abs(losses[k][0] / lossOf(expected, text.length - 1) - 1)).toBeLessThan(1e-4);
      expect(Math.abs(losses[k][1] / lossOf(expected, 3) - 1)).toBeLessThan(1e-4);
      expect(losses[k][2]).toBeNaN();
    }
    expect(tokens).toBe(71 * (text.length + 4));
    const [late] = await subject.losses({ texts: [ids, ids], scoredFrom: [3, text.length], changes: [changes] });
    expect(Math.abs(late[0] / lossOf(all.slice(2), text.length - 3) - 1)).toBeLessThan(1e-4);
    expect(late[1]).toBeNaN();
    await subject.release();
  },
);

test.each([
  [1, 8, 1],
  [3, 8, 3],
  [40, 8, 40],
  [70, 8, 70],
  [129, 8, 129],
  [5, 200, 5],
  [7, 200, 8],
  [5, 2000, 5],
])('%i lists of changes and a text of %i tokens take %i copies', async (lists, length, copies) => {
  let read = 0;
  const reader: CopyReader = {
    ...{ intervened: [], vocabularySize: 9, contextLength: 4096 },
    async read(text, rows) {
      read += rows;
      return new Float32Array(rows * (text.length - 1)).fill(-0.5);
    },
  };
  const losses = await lossesUnder(reader, { texts: [new Int32Array(length)], changes: Array(lists).fill([]) });
  expect(read).toBe(copies);
  expect(losses.map(([loss]) => loss)).toEqual(Array(lists).fill(0.5));
});

test('what a list of changes gives does not depend on its place and the other lists of a call as long, bit for bit', async () => {
  const { changes, text } = hooked.gpt2;
  const subject = await openLossSubject(referenceModels.gpt2, { interventions: {} });
  const texts = [Int32Array.from(text)];
  const [a, b, c, d] = changes.map((change: unknown) => [change]);
  const first = await subject.losses({ texts, changes: [a, b, c, d] });
  const second = await subject.losses({ texts, changes: [[], changes, a, b] });
  expect(second[2]).toEqual(first[0]);
  await subject.release();
});
