import { normalLogSf, normalQuantile, randomStream, tUpperQuantile } from '@galvani/numerics';
import { expectedPower, type VarianceRule } from '@galvani/statistics';
import { studySchema } from '@galvani/study';
import { describe, expect, test } from 'vitest';
import { expectWithinAbsolute } from '../../../../test/closeness.js';
import { type ChoicePoint, promptPoints, sessionPoints } from '../src/choices.js';
import { expectedRows } from '../src/expected-rows.js';
import { learningCurve } from '../src/learning-curve.js';
import { curveRows } from '../src/power-rows.js';
import { powerSentences } from '../src/power-text.js';
import { plantedDesign, plantedMeans } from './planted.js';

const [units, planted, effect, alpha] = [900, 500, 1.4, 0.001];

/** A study of one task in four sessions of six prompts a block, whose power is known. */
function study(variance: VarianceRule, input: object = {}, sessions = 4) {
  const { networks } = studySchema.parse({
    tasks: ['task0'],
    networks: { correction: 'none', alpha, minimumEffect: 0, ...input },
  });
  const design = plantedDesign(1, sessions, 6);
  const stream = randomStream(1, 'test');
  const points: ChoicePoint[] = [...promptPoints(design, 3, stream), ...sessionPoints(design, 3, stream)];
  const curve = learningCurve(points, { networks, variance, tasks: 1 }, stream);
  const means = plantedMeans(design, { units, planted, effect });
  // In two layers, as a model has them.
  for (const [from, until] of [
    [0, 350],
    [350, units],
  ]) {
    const prompts = means.length / units;
    const layer = new Float32Array(prompts * (until - from));
    for (let p = 0; p < prompts; p++)
      layer.set(means.subarray(p * units + from, p * units + until), p * (until - from));
    curve.add(new Map([[Number.POSITIVE_INFINITY, layer]]), new Uint8Array(until - from).fill(1));
  }
  const results = curve.finish();
  const whole = new Map(Array.from({ length: planted }, (_, u) => [u, 1 as const]));
  const rows = [
    ...curveRows(results, design.tasks, [whole]),
    ...expectedRows(results, design.tasks, networks.minimumEffect),
  ];
  return { results, rows: rows.filter(({ task }) => task === 'task0') };
}

/** Power of a unit that responds, by the noncentral t. */
function analytic(promptsPerBlock: number, sessions: number, level = alpha): number {
  const [on, off] = [promptsPerBlock * sessions, 2 * promptsPerBlock * sessions];
  const df = on + off - sessions - 1;
  const noncentrality = effect * Math.sqrt((on * off) / (on + off));
  const critical = tUpperQuantile(normalLogSf(-normalQuantile(level / 2)), df);
  return expectedPower({ mean: noncentrality, spread: 0 }, 1, df, critical);
}

const pooled = study('pooled');

describe.each(['pooled', 'separate'] as const)('a planted study, %s variance', (variance) => {
  const { rows } = variance === 'pooled' ? pooled : study(variance);
  // Welch's t has fewer degrees of freedom than the analytic one.
  const tolerance = variance === 'pooled' ? 0.04 : 0.09;
  test('fewer prompts and sessions find as much as analytic power says', () => {
    for (const row of rows.filter(({ varied }) => varied !== 'expected'))
      expectWithinAbsolute(row.found, analytic(row.prompts_per_block, row.sessions), tolerance, JSON.stringify(row));
  });
  test('more prompts are expected to find as much as analytic power says', () => {
    const expected = rows.filter(({ varied }) => varied === 'expected');
    for (const row of expected)
      expectWithinAbsolute(row.power, analytic(row.prompts_per_block, 4), tolerance, JSON.stringify(row));
    for (const [i, row] of expected.slice(1).entries()) expect(row.power).toBeGreaterThanOrEqual(expected[i].power);
  });
});

test('the sentence says the number of prompts at which analytic power is 80%', () => {
  const counts = [2, 3, 4, 5, 6, 7, 8].filter((count) => analytic(count, 4) >= 0.8);
  const [sentence] = powerSentences(pooled.rows.map((row) => ({ ...row, task: '' })));
  const found = Number(/^(\d+) prompts a block in 4 sessions are expected to find 80%/.exec(sentence)?.[1]);
  expect(Math.abs(found - counts[0])).toBeLessThanOrEqual(1);
});

test('a study in which nothing responds is told so', () => {
  const { rows } = study('pooled', { correction: 'bonferroni', alpha: 1e-40 });
  expect(rows.filter(({ varied }) => varied === 'expected').every(({ power }) => Number.isNaN(power))).toBe(true);
  expect(powerSentences(rows.map((row) => ({ ...row, task: '' })))[0]).toContain('cannot be said');
});

test('a family-wise threshold is that of relabelled prompts, and a least effect counts', () => {
  const { rows } = study('pooled', { correction: 'familywise', alpha: 0.05 });
  const whole = rows.findLast(({ varied }) => varied === 'prompts')!;
  // Hardly a unit without an effect is a member, and some with one.
  expect(whole.found).toBeGreaterThan(0.5);
  expect(whole.members).toBeLessThanOrEqual(whole.found * planted + 3);
  const { rows: large } = study('pooled', { minimumEffect: 1.4 });
  expectWithinAbsolute(large.findLast(({ varied }) => varied === 'prompts')!.found, 0.5, 0.12);
  expectWithinAbsolute(large.findLast(({ varied }) => varied === 'expected')!.power, 0.5, 0.12);
});

test('one session is judged by prompts that its networks did not have', () => {
  const { results, rows } = study('pooled', { alpha: 0.02 }, 1);
  expect(results.some(({ found }) => found.some(({ leftOut }) => leftOut))).toBe(true);
  expectWithinAbsolute(
    rows.find((row) => row.varied === 'expected' && row.prompts_per_block === 12)!.power,
    analytic(12, 1, 0.02),
    0.12,
  );
});
