import { randomStream, tQuantile } from '@galvani/numerics';
import { UserMistake } from '@galvani/terminal';
import { createEstimator } from '../estimator.js';
import type { Fit, PromptFit } from '../fit.js';
import { planPermutations } from '../inference/permutation-plan.js';
import { calibratedModels, type NoiseModel, noiseModel } from '../noise/noise-models.js';
import { type ContrastP, contrastP } from './contrast-p.js';
import {
  type CorrectedFamily,
  correctByP,
  correctByPermutation,
  correctsFamily,
  countFound,
} from './corrected-family.js';
import { type NoiseProcess, noiseProcesses, simulateNoise, varianceOfMean } from './noise-process.js';
import { type SimulatedStudy, simulatedStudy } from './simulated-study.js';
import { type CalibrationRow, type Tally, tally } from './tally.js';
import { type TriedModel, triedModels } from './variance-labels.js';

/** How many studies a calibration simulates. All have defaults. */
export interface CalibrationOptions {
  readonly seed?: number | string;
  /** Noise models to try, default all on offer. */
  readonly models?: readonly NoiseModel[];
  /** Noise in the data, names of noiseProcesses, default all. */
  readonly noises?: readonly string[];
  /**
   * Studies without an effect, and as many with one, per noise: one number for all noise models, or as many as each has in
   * full (default) or in a hurry. 1,000 for `prompt` put two standard errors of a family-wise rate of 5% at 1.4 percentage
   * points.
   */
  readonly studies?: number | 'full' | 'quick';
  /** Units per study, independent of each other; default 50. */
  readonly units?: number;
  /** Share of units with an effect in the studies that have one, default 0.1. */
  readonly signal?: number;
  /** Size of the planted effect in standard deviations of a prompt's mean, default 1. */
  readonly effect?: number;
  /** Permutations per study, default 199. */
  readonly relabellings?: number;
  /** Runs, prompts per run and tokens per prompt of a study; default 6 of 10 of 10. */
  readonly shape?: { runs?: number; promptsPerRun?: number; tokens?: number };
}

const levels = [0.05, 0.001];

/**
 * Error rates of every noise model and correction by simulation: what a claimed 5% really is.
 *
 * Each study is simulated twice on one draw of noise, without an effect and with an effect of known size in known units,
 * and fitted with every noise model. Same options, same rows.
 *
 * @param onProgress called with the number of studies done and the total
 * @returns a row per noise, noise model, correction, measure and level
 */
export async function calibrate(
  options: CalibrationOptions = {},
  onProgress: (done: number, total: number) => void = () => {},
): Promise<CalibrationRow[]> {
  const { seed = 1, models = calibratedModels, units = 50 } = options;
  const study = simulatedStudy(options.shape);
  const noises = options.noises?.map(noiseNamed) ?? noiseProcesses;
  const { studies: given = 'full' } = options;
  const studiesOf = (model: NoiseModel) =>
    typeof given === 'number' ? given : (noiseModel(model).calibration?.[given].simulated ?? 0);
  const studies = Math.max(...models.map(studiesOf));
  // Studies are fitted side by side, as units of one series, since a fit's cost per call is not in its units.
  const together = Math.max(1, Math.floor(4000 / units));
  const counts = tally();
  let done = 0;
  for (const noise of noises)
    for (let first = 0; first < studies; ) {
      const running = models.filter((model) => studiesOf(model) > first);
      const count = Math.min(together, ...running.map((model) => studiesOf(model) - first));
      const batch: Batch = {
        study,
        noise,
        units,
        first,
        count,
        signal: Math.round(units * (options.signal ?? 0.1)),
        effect: (options.effect ?? 1) * Math.sqrt(varianceOfMean(noise, study.tokens)),
        relabellings: options.relabellings ?? 199,
        seed,
      };
      await tryBatch(batch, running, counts);
      first += count;
      done += count;
      onProgress(done, studies * noises.length);
    }
  return counts.rows();
}

function noiseNamed(name: string): NoiseProcess {
  const noise = noiseProcesses.find((process) => process.name === name);
  if (noise) return noise;
  const known = noiseProcesses.map((process) => process.name).join(', ');
  throw new UserMistake(`There is no noise called "${name}" to calibrate on; there are: ${known}.`);
}

interface Batch {
  readonly study: SimulatedStudy;
  readonly noise: NoiseProcess;
  readonly units: number;
  readonly first: number;
  readonly count: number;
  /** Units with an effect: the first so many of each study. */
  readonly signal: number;
  /** Size of the effect, in units of the series. */
  readonly effect: number;
  readonly relabellings: number;
  readonly seed: number | string;
}

async function tryBatch(batch: Batch, models: readonly NoiseModel[], counts: Tally): Promise<void> {
  const { study, noise, units, seed } = batch;
  const stream = randomStream(seed, 'calibration', noise.name, batch.first);
  const width = units * batch.count;
  const empty = simulateNoise(noise, study.prompts, study.tokens, width, stream);
  const planted = empty.slice();
  for (let row = 0; row < study.layout.run.length; row++)
    if (study.task[Math.floor(row / study.tokens)] === 1)
      for (let unit = 0; unit < width; unit++)
        if (unit % units < batch.signal) planted[row * width + unit] += batch.effect;
  const conditions = Int32Array.from(study.task);
  const fit = ({ model, variance }: TriedModel, series: Float64Array, design = study.oneTask): Fit => {
    const options = variance === 'separate' ? { conditions } : {};
    const estimator = createEstimator(model, design, study.layout, width, options);
    estimator.add(series, 0);
    return estimator.finish();
  };
  for (const tried of models.flatMap(triedModels)) {
    const nullFit = fit(tried, empty);
    const nullT = contrastP(nullFit, [unitVector(0, study.oneTask.columns)]);
    const tasks = study.taskPerRun.columns / 2;
    const rows = Array.from({ length: tasks }, (_, j) => unitVector(j, study.taskPerRun.columns));
    const nullF = contrastP(fit(tried, empty, study.taskPerRun), rows);
    const base = { noise: noise.name, model: tried.label, correction: 'none' } as const;
    for (const nominal of levels) {
      counts.count({ ...base, measure: 'false positives of t', nominal }, countFound(nullT.log10p, nominal), width);
      counts.count({ ...base, measure: 'false positives of F', nominal }, countFound(nullF.log10p, nominal), width);
    }
    const plantedFit = fit(tried, planted);
    const plantedT = contrastP(plantedFit, [unitVector(0, study.oneTask.columns)]);
    countCoverage(batch, plantedT, tried.label, counts);
    for (let k = 0; k < batch.count; k++)
      await tryFamilies(batch, k, tried, [nullFit, plantedFit], [nullT, plantedT], counts);
  }
}

/** Corrections of one study without an effect (family-wise error) and one with (false discoveries and sensitivity). */
async function tryFamilies(
  batch: Batch,
  k: number,
  { label, model, variance }: TriedModel,
  fits: readonly Fit[],
  results: readonly ContrastP[],
  counts: Tally,
): Promise<void> {
  const { units, study } = batch;
  const index = batch.first + k;
  const plan =
    model === 'prompt'
      ? planPermutations({
          labels: study.task,
          runs: study.runs,
          count: batch.relabellings,
          seed: JSON.stringify([batch.seed, batch.noise.name, index]),
          ...(variance === 'separate' && { conditions: Int32Array.from(study.task) }),
        })
      : undefined;
  // Relabelling where conditions have variances of their own takes longer than all else, and longest for exact p of single units.
  const brief = variance === 'separate' && index % 5 > 0;
  const found: CorrectedFamily[][] = [];
  for (const [i, { log10p }] of results.entries()) {
    const byP = correctByP(log10p.slice(k * units, (k + 1) * units));
    if (!plan || (brief && i === 1)) {
      found.push(byP);
      continue;
    }
    const means = columnsOf((fits[i] as PromptFit).promptMeans, study.prompts, k * units, units);
    const asked = { single: !brief, stepped: i === 1, findingsAlone: brief };
    found.push([...byP, ...(await correctByPermutation(means, plan, asked))]);
  }
  const base = { noise: batch.noise.name, model: label, nominal: 0.05 };
  for (const [correction, log10p] of found[0]) {
    const findings = countFound(log10p, 0.05);
    if (correctsFamily(correction))
      counts.count({ ...base, correction, measure: 'family-wise error' }, findings > 0 ? 1 : 0, 1);
    else if (correction !== 'none')
      counts.count({ ...base, correction, measure: 'false positives of t' }, findings, units);
  }
  for (const [correction, log10p] of found[1]) {
    const hits = countFound(log10p.subarray(0, batch.signal), 0.05);
    const all = countFound(log10p, 0.05);
    counts.average({ ...base, correction, measure: 'false discovery proportion' }, all === 0 ? 0 : (all - hits) / all);
    counts.count({ ...base, correction, measure: 'sensitivity' }, hits, batch.signal);
  }
}

function countCoverage(batch: Batch, planted: ContrastP, model: string, counts: Tally): void {
  let covered = 0;
  const quantile = new Map<number, number>();
  planted.effect.forEach((estimate, unit) => {
    const df = planted.df[unit];
    if (!quantile.has(df)) quantile.set(df, tQuantile(0.975, df));
    const truth = unit % batch.units < batch.signal ? batch.effect : 0;
    if (Math.abs(estimate - truth) <= quantile.get(df)! * planted.error[unit]) covered++;
  });
  counts.count(
    { noise: batch.noise.name, model, correction: 'none', measure: 'coverage', nominal: 0.95 },
    covered,
    planted.effect.length,
  );
}

function unitVector(at: number, length: number): Float64Array {
  const vector = new Float64Array(length);
  vector[at] = 1;
  return vector;
}

function columnsOf(matrix: Float64Array, rows: number, from: number, count: number): Float64Array {
  const width = matrix.length / rows;
  const part = new Float64Array(rows * count);
  for (let b = 0; b < rows; b++) part.set(matrix.subarray(b * width + from, b * width + from + count), b * count);
  return part;
}
