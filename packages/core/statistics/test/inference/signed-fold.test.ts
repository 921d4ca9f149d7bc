import { randomStream } from '@galvani/numerics';
import { expect, test } from 'vitest';
import { firstLabels } from '../../src/inference/condition-sums.js';
import { planPermutations } from '../../src/inference/permutation-plan.js';
import { signedFold } from '../../src/inference/signed-fold.js';
import { studentizedStatistic } from '../../src/inference/studentized-form.js';
import { testSpace } from '../../src/inference/test-space.js';
import { twoSums } from '../../src/inference/two-sums.js';
import { wildForm } from '../../src/inference/wild-calibration.js';
import { conditionVariances } from '../../src/spread/condition-variances.js';

/** Welch's t of two conditions with means of their own, of rows in plain float64. */
function welch(values: readonly number[], labels: readonly number[]): number {
  const of = (label: number) => {
    const own = values.filter((_, b) => labels[b] === label);
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    return { mean, variance: own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (own.length - 1) / own.length };
  };
  const [rest, task] = [of(0), of(1)];
  return (task.mean - rest.mean) / Math.sqrt(task.variance + rest.variance);
}

test('the maximum over units whose rows have drawn signs is the largest of Welch’s t, under true and permuted labels', async () => {
  const [B, units, count] = [18, 300, 60];
  const labels = Array.from({ length: B }, (_, b) => (b % 3 === 0 ? 1 : 0));
  const conditions = Int32Array.from(labels, (label) => 1 - label);
  const plan = planPermutations({ labels, runs: new Int32Array(B), count: 500, seed: 3, conditions });
  const space = testSpace(plan);
  const basis = [...space.nuisance, ...space.interest];
  const model = conditionVariances({ vectors: space.interest, basis, conditions });
  const form = wildForm(model, space.interest);
  const stream = randomStream(5, 'signed fold');
  // Some units hold one row that is far out, so that a condition hardly varies under some signs.
  const residuals = Float64Array.from({ length: B * units }, (_, i) =>
    i % units < 40 && i < units ? 30 : stream.normal() * (i % 7 === 0 ? 0.01 : 1),
  );
  for (let u = 0; u < units; u++) {
    let square = 0;
    for (let b = 0; b < B; b++) square += residuals[b * units + u] ** 2;
    for (let b = 0; b < B; b++) residuals[b * units + u] /= Math.sqrt(square);
  }
  const [signs, source] = [plan.wild!.signs.slice(0, count * B), plan.wild!.source.slice(0, count * B)];
  const worn = [Uint8Array.from(conditions, (g) => (g === 0 ? 1 : 0)), firstLabels(form, source)];
  const maxima = worn.map(() => new Float64Array(count).fill(Number.NEGATIVE_INFINITY));
  const fold = signedFold(studentizedStatistic(form, 'two'), twoSums(form, [])!, { count, labels: worn, signs }, B);
  await fold(residuals, units, maxima);
  for (const [w, own] of worn.entries())
    for (let i = 0; i < count; i++) {
      const rows = Array.from({ length: B }, (_, b) => b);
      const ownLabels = rows.map((b) => own[w === 0 ? b : i * B + b]);
      let largest = 0;
      for (let u = 0; u < units; u++) {
        const drawn = rows.map((b) => signs[i * B + b] * residuals[b * units + u]);
        largest = Math.max(largest, Math.abs(welch(drawn, ownLabels)));
      }
      expect(Math.abs(maxima[w][i] / largest - 1)).toBeLessThan(1e-9);
    }
});
