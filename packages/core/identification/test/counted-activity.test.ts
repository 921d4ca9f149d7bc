import type { Recording } from '@galvani/results';
import { runSums } from '@galvani/statistics';
import { expect, test } from 'vitest';
import { leaveOutUncounted } from '../src/counted-activity.js';
import type { RunActivity } from '../src/run-activity.js';

test('a unit that no text reaches does not vary any more, and the sums are those of what is left', async () => {
  const isTask = Uint8Array.of(0, 1, 0, 1);
  const means = Float32Array.of(1, 5, 1, 4, 2, 4, 0, 7, 2, 3, 1, 9);
  const before = runSums(means, 3, isTask);
  const run: RunActivity = {
    run: { name: 'a', session: 1, task: 'a' },
    isTask,
    promptIds: ['p', 'q', 'r', 's'],
    means,
    sums: before,
  };
  const columns = [{ site: 'lm_head', kind: 'head', width: 3 }];
  const recording = { layers: ['block'], columns: async () => columns, unreachable: [[2, 3]] } as unknown as Recording;
  const [first, second, third] = before.sum;
  expect(third).not.toBe(0);
  expect([...(await leaveOutUncounted([run], recording, { copies: 'all', unreachable: 'drop' }))]).toEqual([1, 1, 0]);
  expect([0, 1, 2, 3].map((prompt) => means[3 * prompt + 2])).toEqual([0, 0, 0, 0]);
  expect(run.sums).toEqual(runSums(means, 3, isTask));
  expect([...run.sums.sum]).toEqual([first, second, 0]);
});
