import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { expectWithinRelative } from '../../../../../test/closeness.js';
import { effectModel } from '../../src/task-effect/effect-model.js';
import { relabelledMaxima } from '../../src/task-effect/relabelled-maxima.js';
import { drawRelabellings } from '../../src/task-effect/relabelled-runs.js';
import { runSums } from '../../src/task-effect/run-sums.js';
import { taskEffect } from '../../src/task-effect/task-effect.js';

const [prompts, task, units, count, seed] = [8, 3, 600, 40, 3];
const design = { sessions: 3, tasks: 2, prompts, task };

test('each relabelling takes a run of each session, and no drawn labels are used twice', () => {
  const blocks = drawRelabellings(design, 1000, 1);
  expect(blocks.reduce((sum, block) => sum + block.count, 0)).toBe(1000);
  for (const { labels, rows, perRun, count: own } of blocks) {
    for (let at = 0; at < labels.length; at += prompts)
      expect(labels.subarray(at, at + prompts).reduce((a, b) => a + b)).toBe(task);
    expect(new Set(rows).size).toBe(own * design.sessions);
    for (const [i, row] of rows.entries()) expect(Math.floor(row / perRun / design.tasks)).toBe(i % design.sessions);
  }
});

// Four sessions have a way of their own.
test.each([3, 4])('maxima are those of each relabelling fitted by itself, of %i sessions', async (sessionCount) => {
  const own = { ...design, sessions: sessionCount };
  const stream = randomStream(1, 'maxima');
  const sessions = Array.from({ length: sessionCount }, () =>
    Array.from({ length: design.tasks }, () =>
      Float32Array.from({ length: prompts * units }, (_, i) => {
        const u = i % units;
        const value = stream.normal();
        // A constant unit, very small and large ones, and one far from 0.
        if (u === 0) return 7;
        return u < 20 ? value * 10 ** (u - 10) : u === 20 ? 1e4 + value : value;
      }),
    ),
  );
  // One session moves a unit far more than the others.
  sessions[1][0][5] *= 1e5;
  for (const variance of ['separate', 'pooled'] as const) {
    const model = effectModel({ task, rest: prompts - task, runs: sessionCount - 1 }, variance);
    const found = await relabelledMaxima({ sessions, units, task, model, count, seed });
    const runs = sessions.flat();
    const [block] = drawRelabellings(own, count, seed);
    for (const held of sessions.keys())
      for (let i = 0; i < count; i++) {
        const rows = [...block.rows.subarray(i * sessionCount, (i + 1) * sessionCount)].filter((_, s) => s !== held);
        const sums = rows.map((row) => {
          const labels = block.labels.subarray(row * prompts, (row + 1) * prompts);
          return runSums(runs[Math.floor(row / block.perRun)], units, labels);
        });
        const t = taskEffect(model, sums).t.map((each) => (Number.isNaN(each) ? 0 : Math.abs(each)));
        expectWithinRelative(found[held][i], Math.max(...t), 1e-5, `${variance} ${held} ${i}`);
      }
  }
});
