import { runSums } from '@galvani/statistics';
import { expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../test/closeness.js';
import { againstRest, restBaseline } from '../src/rest-baseline.js';
import type { RunActivity } from '../src/run-activity.js';

/** A run of two units: `rest` and `task` are a row per prompt. */
function activity(rest: [number, number][], task: [number, number][]): RunActivity {
  const isTask = Uint8Array.from([...rest.map(() => 0), ...task.map(() => 1)]);
  const means = Float32Array.from([...rest, ...task].flat());
  const run = { name: 'ses-01_task-a', session: 1, task: 'a' };
  const promptIds = [...isTask.keys()].map(String);
  return { run, isTask, promptIds, means, sums: runSums(means, 2, isTask) };
}

const first = activity(
  [
    [1, 5],
    [3, 5],
  ],
  [[9, 9]],
);
const second = activity(
  [
    [6, 5],
    [8, 5],
    [10, 5],
  ],
  [
    [0, 0],
    [20, 7],
  ],
);

test('rest has the mean over all its prompts and the spread about each run’s own mean', () => {
  const { mean, sd } = restBaseline([first, second]);
  // Unit 0: 1, 3 | 6, 8, 10. About 2 and 8 the squares are 1 + 1 and 4 + 0 + 4, on 5 - 2 degrees of freedom.
  expectWithinAbsolute(mean, [28 / 5, 5], 1e-12);
  expectWithinAbsolute(sd, [Math.sqrt(10 / 3), 0], 1e-12);
});

test('task prompts take no part in it', () => {
  const other = activity(
    [
      [1, 5],
      [3, 5],
    ],
    [[-500, 80]],
  );
  expect(restBaseline([first])).toEqual(restBaseline([other]));
});

test('activity is in standard deviations of rest; a unit that never moves says nothing', () => {
  const baseline = restBaseline([first, second]);
  const z = againstRest(baseline, second, [3, 4]);
  expectWithinAbsolute(z, [(10 - 28 / 5) / Math.sqrt(10 / 3), 0], 1e-12);
  // The pattern of several prompts is the mean of theirs.
  const alone = [3, 4].map((prompt) => againstRest(baseline, second, [prompt]));
  expectWithinAbsolute(z, [(alone[0][0] + alone[1][0]) / 2, 0], 1e-12);
});
