import type { NoiseModel } from '../noise/noise-models.js';

/** Whether each condition has a variance of its own, or all have one. */
export type Variance = 'separate' | 'pooled';

/** What a calibration tries: a noise model, and for prompts' means how their conditions vary. */
export interface TriedModel {
  /** Its name in rows. */
  readonly label: string;
  readonly model: NoiseModel;
  readonly variance: Variance;
}

/** Name of the noise model `prompt` in rows: the default, and the pooled statistic. */
export const promptLabels: Readonly<Record<Variance, string>> = { separate: 'prompt', pooled: 'prompt, pooled' };

/** What is tried of a noise model: `prompt` with both variances. */
export function triedModels(model: NoiseModel): TriedModel[] {
  if (model !== 'prompt') return [{ label: model, model, variance: 'pooled' }];
  return (['separate', 'pooled'] as const).map((variance) => ({ label: promptLabels[variance], model, variance }));
}
