import { fitSeries } from '@galvani/glm';
import { randomStream } from '@galvani/numerics';
import type { StudyInput } from '@galvani/study';
import { expect, test } from 'vitest';

const units = 10;
const prompts = 18;
const runs = [1, 2].map((run) => ({
  name: `${run}`,
  rows: prompts,
  events: Array.from({ length: prompts }, (_, p) => ({
    onset: p,
    duration: 1,
    trialType: p >= 6 && p < 12 ? 'task' : 'rest',
  })),
}));

/** Share of null series with a drift that bends over the run in which a unit has a family-wise p of .05 or less. */
async function errorRate(series: number, drift?: NonNullable<StudyInput['glm']>['drift']): Promise<number> {
  let found = 0;
  for (let s = 0; s < series; s++) {
    const stream = randomStream(s, 'drifting series');
    const rows = runs.length * prompts;
    const values = Float64Array.from({ length: rows * units }, (_, at) => {
      const time = (2 * (Math.floor(at / units) % prompts)) / (prompts - 1) - 1;
      return (at % 2 === 0 ? 1 : -1) * time ** 2 + stream.normal();
    });
    const config = { noise: 'prompt', relabellings: 119, seed: s, ...(drift && { drift }) } as const;
    const { contrasts } = await fitSeries({ series: values, rows, units, runs, config });
    if (contrasts.get('task')!.log10pFamilywise!.some((log) => log <= Math.log10(0.05) + 1e-12)) found++;
  }
  return found / series;
}

test('drift regressors keep family-wise error at its level where rest bends over the run', async () => {
  const series = 200;
  expect(await errorRate(50)).toBeGreaterThan(0.3);
  const rate = await errorRate(series, { kind: 'polynomial', order: 2 });
  expect(Math.abs(rate - 0.05)).toBeLessThan(3 * Math.sqrt((0.05 * 0.95) / series));
});
