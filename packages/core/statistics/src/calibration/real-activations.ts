import { type RandomStream, randomStream } from '@galvani/numerics';
import { designOf } from '../design-matrix.js';
import { createEstimator } from '../estimator.js';
import type { PromptFit } from '../fit.js';
import { planPermutations } from '../inference/permutation-plan.js';
import type { UnitMatrix } from '../inference/unit-residuals.js';
import { type PromptLayout, promptLayout, type Segments, segmentsOf } from '../layout.js';
import type { NoiseModel } from '../noise/noise-models.js';
import { contrastP } from './contrast-p.js';
import { correctByP, correctByPermutation, correctsFamily, countFound } from './corrected-family.js';
import { type CalibrationRow, tally } from './tally.js';
import { triedModels } from './variance-labels.js';

/** What calibrateOnActivations takes. */
export interface ActivationCalibrationOptions {
  /** Activations during rest prompts alone, [tokens x V] row-major; or prompt means, with a layout of one row a prompt. */
  readonly series: UnitMatrix;
  /** Run and prompt of each row of the series. */
  readonly layout: PromptLayout;
  /** What the activations are called in rows; default 'activations'. */
  readonly name?: string;
  /** Noise models to try, default `prompt` (with variances of conditions, and with one for all); the others need every token's row. */
  readonly models?: readonly NoiseModel[];
  /** How many times rest prompts are labelled at random; default 200. */
  readonly studies?: number;
  /** Permutations per study, default 199. */
  readonly relabellings?: number;
  /** Share of each run's rest prompts that are labelled task, default 0.5. */
  readonly share?: number;
  readonly seed?: number | string;
}

/**
 * Error rates on real activations: rest prompts labelled task at random inside each run, so that any finding is false.
 *
 * The units are as they are, dependent and far from normal, so a unit-wise rate is averaged over studies, and its interval
 * is that of the mean over studies.
 */
export async function calibrateOnActivations(
  options: ActivationCalibrationOptions,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<CalibrationRow[]> {
  const { series, layout, models = ['prompt'], studies = 200, relabellings = 199, share = 0.5, seed = 1 } = options;
  const { name = 'activations' } = options;
  const units = series.length / layout.run.length;
  const segments = segmentsOf(layout);
  const forPrompts = meansOfPrompts(series, segments, units);
  const counts = tally();
  for (let study = 0; study < studies; study++) {
    const labels = labelAtRandom(segments, share, randomStream(seed, 'rest as task', study));
    for (const { model, label, variance } of models.flatMap(triedModels)) {
      const given = model === 'prompt' ? forPrompts : { series, layout };
      const design = restDesign(labels, segmentsOf(given.layout));
      const conditions = variance === 'separate' ? Int32Array.from(labels) : undefined;
      const estimator = createEstimator(model, design, given.layout, units, { conditions });
      estimator.add(given.series, 0);
      const fit = estimator.finish();
      const { log10p } = contrastP(fit, [Float64Array.from(design.names, (_, j) => (j === 0 ? 1 : 0))]);
      const families = correctByP(log10p);
      if (model === 'prompt') {
        const means = (fit as PromptFit).promptMeans;
        const plan = planPermutations({
          labels,
          runs: segments.run,
          count: relabellings,
          seed: JSON.stringify([seed, study]),
          ...(conditions && { conditions }),
        });
        // Exact p of single units take long where conditions have variances of their own.
        const single = !conditions || study % 10 === 0;
        families.push(...(await correctByPermutation(means, plan, { single, findingsAlone: true })));
      }
      for (const [correction, adjusted] of families) {
        const row = { noise: name, model: label, correction, nominal: 0.05 } as const;
        const found = countFound(adjusted, 0.05);
        const tested = adjusted.reduce((sum, log) => sum + (Number.isNaN(log) ? 0 : 1), 0);
        if (correctsFamily(correction)) counts.count({ ...row, measure: 'family-wise error' }, found > 0 ? 1 : 0, 1);
        else counts.average({ ...row, measure: 'false positives of t' }, found / tested);
      }
    }
    onProgress(study + 1, studies);
  }
  return counts.rows();
}

/** One row a prompt, its mean: the same fit from far fewer rows. */
function meansOfPrompts(
  series: UnitMatrix,
  segments: Segments,
  units: number,
): { series: UnitMatrix; layout: PromptLayout } {
  const means = new Float64Array(segments.count * units);
  for (let row = 0; row < segments.ofRow.length; row++) {
    const length = segments.length[segments.ofRow[row]];
    for (let unit = 0, at = segments.ofRow[row] * units; unit < units; unit++, at++)
      means[at] += series[row * units + unit] / length;
  }
  return { series: means, layout: promptLayout(segments.run, Array.from(segments.run.keys())) };
}

function labelAtRandom(segments: Segments, share: number, stream: RandomStream): Int8Array {
  const labels = new Int8Array(segments.count);
  for (const run of new Set(segments.run)) {
    const prompts = Array.from(segments.run.keys()).filter((prompt) => segments.run[prompt] === run);
    const chosen = stream.shuffled(prompts).slice(0, Math.round(share * prompts.length));
    for (const prompt of chosen) labels[prompt] = 1;
  }
  return labels;
}

function restDesign(labels: Int8Array, segments: Segments) {
  const intercepts = [...new Set(segments.run)].map((run) => [
    `run ${run}`,
    Array.from(segments.ofRow, (prompt) => (segments.run[prompt] === run ? 1 : 0)),
  ]);
  return designOf({ task: Array.from(segments.ofRow, (prompt) => labels[prompt]), ...Object.fromEntries(intercepts) });
}
