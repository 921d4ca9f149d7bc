import type { Reliability } from '@galvani/artifact';
import {
  correlationsOf,
  effectModel,
  mapProducts,
  type RunMeans,
  runSums,
  spearmanBrown,
  type TaskPatterns,
  taskDeviates,
  taskEffect,
  type VarianceRule,
  withinBetween,
} from '@galvani/statistics';

/**
 * Rows `prompts` of `reliability.parquet`: how maps of two halves of each run's prompts agree, which takes no second session. Within a run
 * task prompts in odd and in even places are the halves, and rest prompts likewise; of an odd number the last is left out.
 *
 * @param tasks names of the patterns
 * @param counted 1 for units that networks count
 * @returns a row for each task and one for all; none where a half has too few prompts to vary
 */
export function promptHalfRows(
  tasks: readonly string[],
  patterns: readonly TaskPatterns[],
  counted: Uint8Array,
  variance: VarianceRule,
): Reliability[] {
  const [{ task, prompts, sums }] = patterns;
  const [ofTask, ofRest] = [task, prompts - task].map((own) => Math.floor(own / 2));
  const runs = sums.length;
  if (ofTask === 0 || ofRest === 0 || runs * (ofTask + ofRest - 1) < 2) return [];
  const model = effectModel({ task: ofTask, rest: ofRest, runs }, variance);
  const maps = [0, 1].flatMap((half) =>
    patterns.map((own) =>
      taskDeviates(
        taskEffect(
          model,
          halvesOfRuns(own, half).map(({ means, isTask }) => runSums(means, own.units, isTask)),
        ),
      ),
    ),
  );
  const correlations = correlationsOf(mapProducts(maps, counted).products);
  const count = tasks.length;
  const likeness = new Float64Array(count * count);
  for (let a = 0; a < count; a++)
    for (let b = 0; b < count; b++)
      likeness[a * count + b] = (correlations[a * 2 * count + count + b] + correlations[b * 2 * count + count + a]) / 2;
  const { within, between } = withinBetween(likeness, count);
  // Variances of a half's effect and of the whole's.
  const longer = (1 / ofTask + 1 / ofRest) / (1 / task + 1 / (prompts - task));
  const unknown = { lower: Number.NaN, upper: Number.NaN, difference_lower: Number.NaN, difference_upper: Number.NaN };
  const mean = (values: Float64Array) => values.reduce((sum, own) => sum + own, 0) / values.length;
  return [...tasks, ''].map((name, t) => {
    const [r, others] = name === '' ? [mean(within), mean(between)] : [within[t], between[t]];
    return {
      ...{ measure: 'prompts', task: name, within: r, between: others, difference: r - others, ...unknown },
      ...{ whole: spearmanBrown(r, longer), p: Number.NaN, labellings: 0, exhaustive: false },
    };
  });
}

/** Of each run the prompts in odd (0) or in even (1) places among those of task, and among those of rest. */
function halvesOfRuns({ units, prompts, isTask, values, sums }: TaskPatterns, half: number): RunMeans[] {
  return sums.map((_, run) => {
    const rows = Array.from({ length: prompts }, (_, p) => run * prompts + p);
    const chosen = [1, 0].flatMap((kind) => {
      const own = rows.filter((row) => isTask[row] === kind);
      return own.slice(0, own.length - (own.length % 2)).filter((_, place) => place % 2 === half);
    });
    const means = new Float64Array(chosen.length * units);
    for (const [to, row] of chosen.entries()) means.set(values.subarray(row * units, (row + 1) * units), to * units);
    return { means, isTask: Uint8Array.from(chosen, (row) => isTask[row]) };
  });
}
