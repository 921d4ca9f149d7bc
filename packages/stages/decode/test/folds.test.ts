import { runSums } from '@galvani/statistics';
import { type Study, studySchema } from '@galvani/study';
import { expect, test } from 'vitest';
import { prepareFolds } from '../src/folds.js';
import { drawLabellings } from '../src/labellings.js';
import { permutationTest } from '../src/permutation-test.js';
import { recordedSessions } from './recorded-runs.js';

const labellings = drawLabellings(3, 3, 60, 1);
const planted = { sessions: 3, tasks: 3, units: 90, seed: 1, effect: 3 };

function fold(networks: Partial<Study['networks']>, change?: (session: number, value: number, i: number) => number) {
  const sessions = recordedSessions(planted).map((session, s) =>
    session.map((run) => {
      const means = change ? run.means.map((value, i) => change(s + 1, value, i)) : run.means;
      return { ...run, means, sums: runSums(means, planted.units, run.isTask) };
    }),
  );
  const rule = { ...studySchema.parse({ tasks: ['a'] }).networks, ...networks };
  return prepareFolds(sessions, { networks: rule, labellings, relabellings: 199, variance: 'separate', seed: 1 });
}

test.each([
  { correction: 'familywise' },
  { correction: 'familywise', family: 'study' },
  { correction: 'fdr' },
  { correction: 'bonferroni' },
  { correction: 'none' },
] as const)('networks corrected by %o identify planted tasks', async (networks) => {
  const { run } = permutationTest(await fold(networks), labellings);
  // Of 36 ways to match three orders of three one is the true one.
  expect(run.p).toBeLessThan(0.1);
  // Of three tasks a permutation identifies one in three, or none where networks are empty.
  expect(run.chance).toBeGreaterThan(0.2);
  expect(run.chance).toBeLessThan(1 / 3 + 1e-12);
});

test('a threshold over all tasks is higher, and no threshold differs between tasks', async () => {
  const [task, study] = [await fold({ family: 'task' }), await fold({ family: 'study' })];
  for (const [held, { thresholds }] of task.entries()) {
    expect(new Set(thresholds).size).toBe(1);
    expect(study[held].thresholds[0]).toBeGreaterThan(thresholds[0]);
  }
});

test.each(['familywise', 'fdr', 'bonferroni'] as const)(
  'held-out activity changes no threshold: %s',
  async (correction) => {
    const third = async (change?: (session: number, value: number, i: number) => number) =>
      (await fold({ correction }, change))[2];
    const plain = await third();
    const held = await third((s, value, i) => (s === 3 ? -7 * value + Math.cos(i) : value));
    expect(held.thresholds).toEqual(plain.thresholds);
    // The same training networks are compared with other activity: only the scores of held-out patterns move.
    expect(held.scores).not.toEqual(plain.scores);
    if (correction === 'bonferroni') return;
    const other = await third((s, value, i) => (s === 1 ? value * 1.5 + Math.sin(value + i) : value));
    expect(other.thresholds).not.toEqual(plain.thresholds);
  },
);

test('runs that differ in their numbers of prompts are refused', async () => {
  const sessions = recordedSessions(planted);
  const [first] = sessions[1];
  first.sums = { ...first.sums, task: 2 };
  const { networks } = studySchema.parse({ tasks: ['a'] });
  await expect(
    prepareFolds(sessions, { networks, labellings, relabellings: 99, variance: 'separate', seed: 1 }),
  ).rejects.toThrow('ses-01_task-0 has 3 prompts on and 5 off, ses-02_task-0 2 and 5');
});
