import {
  contrastsSchema,
  driftSchema,
  modulatorSchema,
  noiseDescription,
  noiseModels,
  regressorSchema,
  varianceSchema,
} from '@galvani/study';
import { z } from 'zod';

const hemodynamic = {
  derivative: z.boolean().default(false).describe('Also its derivative in time.'),
  dispersion: z.boolean().default(false).describe('Also its derivative in dispersion; needs derivative.'),
  tr: z.number().positive().default(1).describe('Seconds from one row to the next.'),
};

/** What the config of `galvani glm --series` may hold, with every default. */
export const seriesConfigSchema = z.strictObject({
  noise: z
    .enum([...noiseModels, 'ar1-nilearn'])
    .default('prompt')
    .describe(`${noiseDescription} ar1-nilearn: AR(1) as nilearn fits it.`),
  variance: varianceSchema,
  fixedEffects: z
    .enum(['equal', 'precision'])
    .default('equal')
    .describe(
      'Weights of runs in fixed-effects.arrow: equal, or by 1 / estimated variance, as imaging software has it.',
    ),
  regressor: z
    .discriminatedUnion('kind', [
      ...regressorSchema.options,
      z.strictObject({ kind: z.literal('glover'), ...hemodynamic }),
      z.strictObject({ kind: z.literal('spm'), ...hemodynamic }),
    ])
    .optional()
    .describe('How a condition shows in the rows of its events. Default: boxcar.'),
  modulators: z
    .array(modulatorSchema(z.string().min(1)))
    .min(1)
    .optional()
    .describe('Columns of the events (or of tokens.parquet) as regressors.'),
  drift: driftSchema.optional().describe('Slow changes over a run. Default: none.'),
  confounds: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .optional()
    .describe('CSV, TSV or Parquet with a line a row of the series, relative to the config; one file, or one a run.'),
  rest: z.array(z.string()).default(['rest']).describe('Trial types that are baseline.'),
  contrasts: contrastsSchema.describe('Contrasts by name. Default: each trial type against baseline.'),
  relabellings: z
    .int()
    .min(100)
    .max(1_000_000)
    .optional()
    .describe('Relabellings of prompts. Default: 2000 with the noise model prompt, else none.'),
  alpha: z.number().gt(0).lt(1).default(0.05).describe('Error rate of the family-wise threshold in the manifest.'),
  seed: z.int().min(0).default(1).describe('Seed of relabellings and of the diagnostics’ sample.'),
});

/** A config as written, defaults not filled in. */
export type SeriesConfigInput = z.input<typeof seriesConfigSchema>;
/** A config with every default filled in. */
export type SeriesConfig = z.output<typeof seriesConfigSchema>;
