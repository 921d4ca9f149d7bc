import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
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
    await subject.release();
  },
);
