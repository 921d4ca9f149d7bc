import { corrections, fLogSf, randomStream, tLogTwoSided } from '@galvani/numerics';
import { UserMistake } from '@galvani/terminal';
import type { PermutationPlan } from '../inference/permutation-plan.js';
import { countFound, testFamily } from './corrected-family.js';
import { drawDeviations, type PromptNoise, promptNoises, simulatePrompts } from './prompt-noise.js';
import { type PromptStudy, promptStudy } from './prompt-study.js';
import { type CalibrationRow, type Tally, tally } from './tally.js';
import { promptLabels } from './variance-labels.js';

/** How many studies of prompts a calibration simulates. All have defaults. */
export interface PromptCalibrationOptions {
  readonly seed?: number | string;
  /** Noise in the data, names of promptNoises, default all. */
  readonly noises?: readonly string[];
  /** Studies without an effect per noise, default 1,000: two standard errors of a rate of 5% are 1.4 percentage points. */
  readonly studies?: number;
  /** Studies with an effect per noise, default 200. */
  readonly planted?: number;
  /** Units per study, default 300. */
  readonly units?: number;
  /** Share of units with an effect in the studies that have one, default 0.1. */
  readonly signal?: number;
  /** Size of the planted effect in its standard errors, default 3.8: half are found where conditions vary alike. */
  readonly effect?: number;
  /** Permutations per study, default 199. */
  readonly relabellings?: number;
}

/**
 * Error rates and sensitivity of the default, where conditions have variances of their own, and of the pooled statistic, on prompts
 * that vary alike and on prompts that do not: in length, spread, tails and correlation. Same options, same rows.
 *
 * @param onProgress called with the number of studies done and the total
 */
export async function calibratePrompts(
  options: PromptCalibrationOptions = {},
  onProgress: (done: number, total: number) => void = () => {},
): Promise<CalibrationRow[]> {
  const { seed = 1, studies = 1000, planted = 200, units = 300, relabellings = 199 } = options;
  const noises = options.noises?.map(noiseNamed) ?? promptNoises;
  const counts = tally();
  let done = 0;
  for (const noise of noises) {
    const study = promptStudy(noise);
    const signal = Math.round(units * (options.signal ?? 0.1));
    const size = options.effect ?? 3.8;
    const most = Math.max(studies, planted);
    // Two at a time: products of one are made while the other is looked at.
    for (let first = 0; first < most; first += 2) {
      const pair = [first, first + 1].filter((index) => index < most);
      const found = await Promise.all(
        pair.map((index) =>
          tryStudy({
            ...{ noise, study, units, relabellings, seed, index, size, signal },
            empty: index < studies,
            planted: index < planted,
          }),
        ),
      );
      for (const record of found.flat()) record(counts);
      done += pair.length;
      onProgress(done, most * noises.length);
    }
  }
  return counts.rows();
}

function noiseNamed(name: string): PromptNoise {
  const noise = promptNoises.find((own) => own.name === name);
  if (noise) return noise;
  const known = promptNoises.map((own) => own.name).join('; ');
  throw new UserMistake(`There is no noise of prompts called "${name}" to calibrate on; there are: ${known}.`);
}

interface Trial {
  readonly noise: PromptNoise;
  readonly study: PromptStudy;
  readonly units: number;
  readonly relabellings: number;
  readonly seed: number | string;
  readonly index: number;
  /** Units with an effect, where it is planted: the first so many. */
  readonly signal: number;
  /** Size of the effect in its standard errors. */
  readonly size: number;
  /** Whether the study is tried as it is, and with an effect. */
  readonly empty: boolean;
  readonly planted: boolean;
}

/** One draw of noise, without an effect and with one, tested by both statistics. */
async function tryStudy(trial: Trial): Promise<((counts: Tally) => void)[]> {
  const { noise, study, units, seed, index } = trial;
  const stream = randomStream(seed, 'prompts', noise.name, index);
  const deviations = drawDeviations(noise, study.tasks, stream);
  const means = simulatePrompts(noise, deviations, units, stream);
  const records: ((counts: Tally) => void)[] = [];
  for (const variance of ['separate', 'pooled'] as const) {
    const plan = study.plan(variance, trial.relabellings, JSON.stringify([seed, noise.name, index]));
    const base = { noise: noise.name, model: promptLabels[variance], nominal: 0.05 };
    if (trial.empty) {
      const { single, familywise } = await testUnits(plan, means, true);
      const measure = plan.columns > 1 ? 'false positives of F' : 'false positives of t';
      const [found, any] = [countFound(single, 0.05), countFound(familywise, 0.05) > 0 ? 1 : 0];
      records.push((counts) => {
        counts.average({ ...base, correction: 'none', measure }, found / units);
        counts.count({ ...base, correction: 'maximum', measure: 'family-wise error' }, any, 1);
      });
    }
    if (trial.planted) records.push(...(await tryEffect(trial, plan, base, deviations, means)));
  }
  return records;
}

/** Sensitivity, and the share of false discoveries. */
async function tryEffect(
  { study, units, signal, size }: Trial,
  plan: PermutationPlan,
  base: Pick<CalibrationRow, 'noise' | 'model' | 'nominal'>,
  deviations: Float64Array,
  means: Float64Array,
): Promise<((counts: Tally) => void)[]> {
  const [vector] = study.vectors;
  const error = Math.sqrt(vector.reduce((sum, value, b) => sum + (value * deviations[b]) ** 2, 0));
  const planted = means.slice();
  for (const [b, task] of study.tasks.entries())
    if (task === 1) for (let unit = 0; unit < signal; unit++) planted[b * units + unit] += size * error;
  const { single, familywise } = await testUnits(plan, planted, false);
  const bh = corrections.bh(single.map((log) => log * Math.LN10)).map((log) => log / Math.LN10);
  return (
    [
      ['maximum', familywise],
      ['bh', bh],
    ] as const
  ).map(([correction, log10p]) => {
    const hits = countFound(log10p.subarray(0, signal), 0.05);
    const all = countFound(log10p, 0.05);
    return (counts: Tally) => {
      counts.count({ ...base, correction, measure: 'sensitivity' }, hits, signal);
      counts.average(
        { ...base, correction, measure: 'false discovery proportion' },
        all === 0 ? 0 : (all - hits) / all,
      );
    };
  });
}

/**
 * Log10 of each unit's own p by the parametric distribution, and of its family-wise p.
 *
 * @param findingsAlone as for testFamily
 */
async function testUnits(plan: PermutationPlan, means: Float64Array, findingsAlone: boolean) {
  const { statistic, degreesOfFreedom, df, log10pFamilywise } = await testFamily(plan, means, findingsAlone);
  const logP = (value: number, unit: number) => {
    const nu = df?.[unit] ?? degreesOfFreedom;
    return plan.columns > 1 ? fLogSf(value, plan.columns, nu) : tLogTwoSided(value, nu);
  };
  return { single: statistic.map((value, unit) => logP(value, unit) / Math.LN10), familywise: log10pFamilywise };
}
