import { randomStream } from '@galvani/numerics';
import {
  contrastT,
  createEstimator,
  designOf,
  maximumNull,
  overTopics,
  planPermutations,
  promptContrast,
  promptLayout,
  topicEffects,
} from '@galvani/statistics';
import { expect, test } from 'vitest';

const near = (found: Float64Array, wanted: Float64Array) => {
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(wanted[i], 9);
};

/** Prompts of topics dealt over runs, topic 0 in the first two runs alone. */
function dealt(topics: number, runs: number, seed: string) {
  const stream = randomStream(seed);
  const deck = stream.shuffled(Array.from({ length: runs * 8 }, (_, i) => 1 + (i % (topics - 1))));
  const topic: number[] = [];
  const run: number[] = [];
  for (let r = 0; r < runs; r++) {
    if (r < 2) for (let p = 0; p < 4; p++) topic.push(0);
    topic.push(...deck.slice(r * 8, r * 8 + 8));
    while (run.length < topic.length) run.push(r);
  }
  return { topic: Int32Array.from(topic), runs: Int32Array.from(run) };
}

test('effects of topics are those of least squares with an intercept for each run', () => {
  const { topic, runs } = dealt(6, 5, 'effects');
  const stream = randomStream('values');
  const units = 3;
  const means = Float64Array.from({ length: topic.length * units }, () => stream.normal());
  const model = topicEffects({ topic, runs })!;
  const { effects, variance } = model.fit(means, units);
  const columns = new Map<string, Float64Array>();
  for (let k = 1; k < 6; k++)
    columns.set(
      `t${k}`,
      Float64Array.from(topic, (own) => (own === k ? 1 : 0)),
    );
  for (let r = 0; r < 5; r++)
    columns.set(
      `r${r}`,
      Float64Array.from(runs, (own) => (own === r ? 1 : 0)),
    );
  const estimator = createEstimator(
    'prompt',
    designOf(columns, topic.length),
    promptLayout(
      runs,
      topic.map((_, b) => b),
    ),
    units,
  );
  estimator.add(means, 0);
  const fit = estimator.finish();
  near(variance, fit.dispersion);
  const weights = Float64Array.from({ length: 10 }, (_, j) => (j === 1 ? 1 : j === 3 ? -1 : 0));
  const own = contrastT(fit, weights, 'topic 2 - topic 4');
  near(
    effects.slice(2 * units, 3 * units).map((value, u) => value - effects[4 * units + u]),
    own.effect,
  );
  const at = (k: number, l: number) => model.covariance[k * 6 + l];
  near(
    variance.map((value) => value * (at(2, 2) + at(4, 4) - 2 * at(2, 4))),
    own.variance,
  );
});

test('topics that no run links are not compared', () => {
  const apart = { topic: Int32Array.of(0, 0, 1, 1, 2, 2, 3, 3), runs: Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1) };
  expect(topicEffects(apart)).toBeUndefined();
});

test('selected prompts have the t, degrees of freedom and d of the noise model prompt, whatever their labels', () => {
  const stream = randomStream('selection');
  const units = 4;
  const rows = Int32Array.of(0, 2, 3, 5, 6, 7, 9, 10, 11, 12, 13);
  const runs = Int32Array.of(0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2);
  const isOn = Uint8Array.of(1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0);
  const means = Float64Array.from({ length: 14 * units }, (_, i) => 1 + (i % units) * stream.normal() + 50);
  const swapped = Uint8Array.of(0, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0);
  for (const rule of ['separate', 'pooled'] as const)
    for (const labels of [isOn, swapped]) {
      const contrast = promptContrast({ rows, runs, isOn }, rule);
      const found = contrast.evaluate(contrast.level(means, units), labels);
      const columns = new Map([['on', Float64Array.from(labels)]]);
      for (let r = 0; r < 3; r++)
        columns.set(
          `r${r}`,
          Float64Array.from(runs, (own) => (own === r ? 1 : 0)),
        );
      const layout = promptLayout(runs, rows);
      const conditions = rule === 'separate' ? Int32Array.from(labels) : undefined;
      const estimator = createEstimator('prompt', designOf(columns, rows.length), layout, units, { conditions });
      estimator.add(
        Float64Array.from([...rows].flatMap((row) => [...means.subarray(row * units, (row + 1) * units)])),
        0,
      );
      const own = contrastT(estimator.finish(), Float64Array.of(1, 0, 0, 0), 'on');
      for (let u = 1; u < units; u++) {
        expect(found.t[u]).toBeCloseTo(own.t[u], 7);
        expect(found.d[u]).toBeCloseTo(own.d[u], 7);
        expect(found.df[u]).toBeCloseTo(typeof own.df === 'number' ? own.df : own.df[u], 6);
      }
      expect(found.t[0]).toBeNaN();
      const least = contrast.evaluate(contrast.level(means, units), labels, 1e3);
      expect([...least.t.subarray(1)]).toEqual([0, 0, 0]);
    }
});

test('topics as the sample: t of two samples, and relabelled topics list every choice', () => {
  const effects = Float64Array.of(3, 5, 1, 2, 0, 1);
  const covariance = Float64Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 0.1 : 0));
  const test = overTopics({ group: 2, topics: 6, covariance, count: 100, seed: 1 });
  const { t, effect, variance } = test.add(effects, Float64Array.of(1));
  // Means 4 and 1, sums of squares about them 2 and 2, 4 degrees of freedom.
  expect([effect[0], variance[0], t[0]]).toEqual([3, 0.75, 3 / Math.sqrt(0.75)]);
  expect([test.df, test.labellings, test.exhaustive]).toEqual([4, 15, true]);
  expect(10 ** test.finish().log10p(t)[0]).toBeCloseTo(1 / 15);
  // A group whose mean is less sure than others' has that added.
  covariance[0] = covariance[7] = 1.1;
  const unsure = overTopics({ group: 2, topics: 6, covariance, count: 100, seed: 1 }).add(effects, Float64Array.of(1));
  expect(unsure.variance[0]).toBeGreaterThan(0.75);
});

/** Studies in which topics have a twentieth of the variance, the task's among them. */
test('a topic that is one more draw is found by relabelling prompts, and not over topics', async () => {
  const [studies, units] = [60, 60];
  const found = { prompts: 0, topics: 0 };
  for (let i = 0; i < studies; i++) {
    const stream = randomStream('one more draw', i);
    const { topic, runs } = dealt(34, 32, `deal ${i}`);
    const level = Float64Array.from({ length: 34 * units }, () => Math.sqrt(0.05) * stream.normal());
    const means = Float64Array.from(
      { length: topic.length * units },
      (_, at) => level[topic[Math.floor(at / units)] * units + (at % units)] + Math.sqrt(0.95) * stream.normal(),
    );
    const { covariance, fit } = topicEffects({ topic, runs })!;
    const { effects, variance } = fit(means, units);
    const over = overTopics({ group: 1, topics: 34, covariance, count: 1000, seed: i });
    const { t } = over.add(effects, variance);
    if (Math.min(...over.finish().log10p(t)) <= Math.log10(0.05)) found.topics++;
    const isOn = Array.from(topic.subarray(0, 24), (own) => (own === 0 ? 1 : 0));
    const first = { labels: isOn, runs: runs.slice(0, 24), conditions: Int32Array.from(isOn) };
    const prompts = maximumNull(planPermutations({ ...first, count: 100, seed: i }));
    const { statistic } = await prompts.add(means.subarray(0, 24 * units));
    if (Math.min(...prompts.finish().log10p(statistic)) <= Math.log10(0.05)) found.prompts++;
  }
  expect(found.topics / studies).toBeLessThan(0.1);
  expect(found.prompts).toBeGreaterThan(found.topics);
});
