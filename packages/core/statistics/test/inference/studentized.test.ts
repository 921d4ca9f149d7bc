import { randomStream } from '@galvani/numerics';
import { Matrix, pseudoInverse } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { maximumNull, type PermutationPlan, planPermutations } from '../../src/index.js';

/** Prompts of some runs: rest, task, rest; or two tasks in turn. */
function designOf(runs: number, on: number, off: number, tasks = 1) {
  const labels: number[][] = [];
  const run: number[] = [];
  const condition: number[] = [];
  for (let r = 0; r < runs; r++)
    for (let i = 0; i < on + off; i++) {
      const task = i >= off / 2 && i < off / 2 + on ? 1 + (tasks === 1 ? 0 : i % tasks) : 0;
      labels.push(Array.from({ length: tasks }, (_, t) => (task === t + 1 ? 1 : 0)));
      run.push(r);
      condition.push(task);
    }
  return { labels, runs: Int32Array.from(run), conditions: Int32Array.from(condition) };
}

/** t (or F) of one unit by the textbook: least squares, then variances of conditions from residuals, by matrices. */
function statisticDirectly(y: number[], plan: PermutationPlan): number {
  const B = plan.rows;
  const matrix = (values: Float64Array) => Matrix.from1DArray(B, values.length / B, values);
  const [tested, nuisance] = [matrix(plan.interest), matrix(plan.nuisance)];
  const k = tested.columns;
  const X = new Matrix(B, k + nuisance.columns);
  X.setSubMatrix(tested, 0, 0);
  X.setSubMatrix(nuisance, 0, k);
  const inverse = pseudoInverse(X);
  const beta = inverse.mmul(Matrix.columnVector(y));
  const M = Matrix.eye(B).sub(X.mmul(inverse));
  const residual = M.mmul(Matrix.columnVector(y)).to1DArray();
  const groups = [...new Set(plan.conditions)];
  const inside = (g: number) => [...plan.conditions!.keys()].filter((b) => plan.conditions![b] === groups[g]);
  const squares = groups.map((_, g) => inside(g).reduce((sum, b) => sum + residual[b] ** 2, 0));
  const freedom = groups.map((_, g) => inside(g).reduce((sum, b) => sum + M.get(b, b), 0));
  const expected = new Matrix(
    groups.map((_, g) =>
      groups.map((_, h) =>
        inside(g).reduce((sum, i) => sum + inside(h).reduce((all, j) => all + M.get(i, j) ** 2, 0), 0),
      ),
    ),
  );
  const variance = pseudoInverse(expected)
    .mmul(Matrix.columnVector(squares))
    .to1DArray()
    .map((value, g) => Math.max(value, (0.1 * squares[g]) / freedom[g]));
  const rows = inverse.subMatrix(0, k - 1, 0, B - 1);
  const shares = groups.map((_, g) => {
    const part = rows.subMatrixColumn(inside(g));
    return part.mmul(part.transpose());
  });
  const V = shares.reduce((sum, share, g) => sum.add(Matrix.mul(share, variance[g])), Matrix.zeros(k, k));
  const effect = beta.subMatrix(0, k - 1, 0, 0);
  if (k === 1) {
    const v = V.get(0, 0);
    return effect.get(0, 0) / Math.sqrt(v);
  }
  const whole = pseudoInverse(V);
  const parts = shares.map((share, g) => whole.mmul(Matrix.mul(share, variance[g])));
  const ofSquares = parts.reduce((sum, part, g) => sum + part.mmul(part).trace() / freedom[g], 0);
  const ofTraces = parts.reduce((sum, part, g) => sum + part.trace() ** 2 / freedom[g], 0);
  const df = (k * (k + 2)) / (2 * ofSquares + ofTraces);
  const W = effect.transpose().mmul(whole).mmul(effect).get(0, 0);
  return W / (k + 2 * ofSquares - (2 * k) / df);
}

/** Nuisance fitted and residuals of it. */
function reduced(y: number[], plan: PermutationPlan) {
  const Z = Matrix.from1DArray(plan.rows, plan.nuisance.length / plan.rows, plan.nuisance);
  const fitted = Z.mmul(pseudoInverse(Z)).mmul(Matrix.columnVector(y)).to1DArray();
  return { fitted, residual: y.map((value, b) => value - fitted[b]) };
}

describe('a studentized maximum', () => {
  const stream = randomStream(5, 'studentized');
  const cases = {
    'a task in balanced runs': designOf(3, 4, 6),
    'two tasks in each run, tested together': designOf(3, 4, 6, 2),
    'a task with a covariate': { ...designOf(3, 4, 6), covariate: true },
    'two tasks with a covariate': { ...designOf(2, 4, 8, 2), covariate: true },
  };
  test.each(Object.entries(cases))('is that of refitting under each permutation: %s', async (_, given) => {
    const { labels, runs, conditions } = given;
    const B = runs.length;
    const plan = planPermutations({
      ...{ labels: labels.flat(), columns: labels[0].length, runs, conditions, count: 40, seed: 3 },
      ...('covariate' in given && { nuisance: Array.from({ length: B }, () => stream.normal()) }),
    });
    const units = 5;
    const means = Float64Array.from({ length: B * units }, (_, i) => {
      const b = Math.floor(i / units);
      return stream.normal() * (1 + conditions[b]) + (i % units === 0 ? 2 * conditions[b] : 0);
    });
    const y = (u: number) => Array.from({ length: B }, (_, b) => means[b * units + u]);
    const gathered = maximumNull(plan, { precision: 'float64' });
    const { statistic } = await gathered.add(means);
    const direct = Array.from({ length: units }, (_, u) => statisticDirectly(y(u), plan));
    for (let u = 0; u < units; u++) expect(statistic[u]).toBeCloseTo(direct[u], 8);
    const size = (z: number) => (plan.columns > 1 ? z : Math.abs(z));
    const refitted = Array.from({ length: plan.count }, (_, i) =>
      Math.max(
        ...Array.from({ length: units }, (_, u) => {
          const { fitted, residual } = reduced(y(u), plan);
          // Row b's residual goes where the label that it gets lies.
          const star = [...fitted];
          for (let b = 0; b < B; b++) star[plan.source[i * B + b]] += residual[b];
          return size(statisticDirectly(star, plan));
        }),
      ),
    );
    const { maxima } = gathered.finish();
    // All maxima above 0 are divided by one ratio, at most 1.
    const largest = refitted.indexOf(Math.max(...refitted));
    const ratio = refitted[largest] / maxima[largest];
    expect(ratio).toBeLessThanOrEqual(1 + 1e-9);
    expect(ratio).toBeGreaterThan(0.2);
    for (const [i, value] of refitted.entries()) expect(maxima[i] * (maxima[i] > 0 ? ratio : 1)).toBeCloseTo(value, 7);
  });
});

describe('a search for maxima', () => {
  test('finds the same ones in whatever order units come, and those of all products', async () => {
    const { labels, runs, conditions } = designOf(4, 12, 12);
    const units = 3000;
    const stream = randomStream(6, 'search');
    const columns = Array.from({ length: units }, (_, u) =>
      Array.from(conditions, (condition) => stream.normal() * (1 + condition * (u % 3))),
    );
    const plan = planPermutations({ labels: labels.flat(), runs, conditions, count: 500, seed: 3 });
    const nullOf = async (family: number[][], options = {}) => {
      const gathered = maximumNull(plan, options);
      await gathered.add(
        Float64Array.from({ length: runs.length * units }, (_, i) => family[i % units][Math.floor(i / units)]),
      );
      return gathered.finish();
    };
    const found = await nullOf(columns);
    const reversed = await nullOf(columns.toReversed());
    expect(found.wildRatio).toBeLessThan(1);
    expect(reversed.wildRatio).toBe(found.wildRatio);
    expect([...reversed.maxima]).toEqual([...found.maxima]);
    const whole = await nullOf(columns, { uncorrected: true, precision: 'float64' });
    expect(whole.wildRatio).toBe(found.wildRatio);
    for (const [i, value] of whole.maxima.entries()) expect(found.maxima[i]).toBeCloseTo(value, 9);
  });
});

describe('a studentized test at its edges', () => {
  /** Family-wise p of the first unit, and the null. */
  async function test1(labels: number[], runs: number[], means: number[][], options = {}) {
    const units = means[0].length;
    const plan = planPermutations({
      ...{ labels, runs: Int32Array.from(runs), conditions: Int32Array.from(labels), count: 2000, seed: 1, ...options },
    });
    const gathered = maximumNull(plan);
    const { statistic } = await gathered.add(Float64Array.from(means.flat()));
    const family = gathered.finish();
    return { plan, statistic, family, units, p: family.log10p(statistic).map((log) => 10 ** log) };
  }

  test('no effect at all has a p of 1', async () => {
    const { p, statistic } = await test1([1, 1, 1, 0, 0, 0], Array(6).fill(0), [[1], [2], [4], [1], [2], [4]]);
    expect(statistic[0]).toBeCloseTo(0, 12);
    expect(p[0]).toBe(1);
  });

  test('runs of one prompt of each condition have the paired t, whichever comes first', async () => {
    const y = [3, 1, 5, 2, 4, 0, 7, 2, 6, 1];
    const runs = y.map((_, b) => Math.floor(b / 2));
    const paired = await test1(
      y.map((_, b) => 1 - (b % 2)),
      runs,
      y.map((value) => [value]),
    );
    const swapped = y.map((_, b) => y[b % 2 === 0 ? b + 1 : b - 1]);
    const other = await test1(
      y.map((_, b) => b % 2),
      runs,
      swapped.map((value) => [value]),
    );
    const differences = [2, 3, 4, 5, 5];
    const mean = 3.8;
    const variance = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / 4;
    expect(paired.statistic[0]).toBeCloseTo(mean / Math.sqrt(variance / 5), 9);
    expect(other.statistic[0]).toBeCloseTo(paired.statistic[0], 9);
    expect(paired.p[0]).toBeCloseTo(2 / 32, 12);
  });

  test('a unit that its conditions tell without error is not tested and changes no other', async () => {
    const labels = [1, 1, 1, 1, 0, 0, 0, 0];
    const noise = [0.3, -1, 0.5, 1.2, -0.4, 0.9, -0.2, 0.1];
    const alone = await test1(
      labels,
      Array(8).fill(0),
      noise.map((value) => [value]),
    );
    const beside = await test1(
      labels,
      Array(8).fill(0),
      noise.map((value, b) => [value, labels[b] ? 3.3 : 1.7]),
    );
    expect(beside.statistic[1]).toBeNaN();
    expect(beside.p[0]).toBe(alone.p[0]);
    expect(beside.family.wildRatio).toBe(alone.family.wildRatio);
  });

  test('conditions of two prompts are not calibrated by signs, which leave them no spread', async () => {
    const labels = [1, 1, 0, 0];
    const { family } = await test1(labels, Array(4).fill(0), [[1], [3], [2], [7]]);
    expect(family.wildRatio).toBeUndefined();
  });
});
