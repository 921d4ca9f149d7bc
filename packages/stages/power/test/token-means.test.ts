import type { Recording } from '@galvani/results';
import { expect, test } from 'vitest';
import { tokenMeans } from '../src/token-means.js';

test('means are over the first tokens of each prompt, or those that there are, whatever the batches', async () => {
  // Two sites of one unit each; prompts of three tokens and of one.
  const rows = [
    [1, 10],
    [3, 30],
    [8, 80],
    [5, 50],
  ];
  const recording = (sizes: readonly number[]) => {
    const batches = async function* () {
      let firstRow = 0;
      for (const size of sizes) {
        const own = rows.slice(firstRow, firstRow + size);
        yield { firstRow, rows: size, values: [0, 1].map((c) => Float32Array.from(own, (row) => row[c])) };
        firstRow += size;
      }
    };
    const columns = ['a', 'b'].map((site) => ({ site, kind: 'linear', width: 1 }));
    const openLayer = async () => ({ columns, batches, close: async () => undefined });
    return { openLayer, promptOfRow: Int32Array.of(0, 0, 0, 1), events: [{}, {}] } as unknown as Recording;
  };
  for (const sizes of [[4], [1, 2, 1]]) {
    const { units, means } = await tokenMeans(recording(sizes), 'block-00', [1, 2, Number.POSITIVE_INFINITY]);
    expect(units).toBe(2);
    expect(means.map((own) => [...own])).toEqual([
      [1, 10, 5, 50],
      [2, 20, 5, 50],
      [4, 40, 5, 50],
    ]);
  }
});
