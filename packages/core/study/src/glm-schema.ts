import { z } from 'zod';
import { dictionarySchema } from './dictionary.js';
import { noiseModels } from './noise-models.js';

/** How a task is expected to show in the tokens of its prompts. */
export const regressorSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('boxcar').describe('The same in every token.') }),
  z.strictObject({
    kind: z.literal('fir').describe('A free course over token position: a column for each bin of positions.'),
    length: z.int().min(1).max(200).describe('Bins; the last one is open.'),
    width: z.int().min(1).max(1000).default(1).describe('Positions in a bin.'),
  }),
  z.strictObject({
    kind: z.literal('exponential').describe('Builds up over the tokens of a prompt and starts afresh in the next.'),
    timeConstant: z.number().positive().max(10_000).describe('Tokens in which 63% of it is reached.'),
  }),
]);

/** Slow changes over the rows of a run. */
export const driftSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('polynomial'),
    order: z.int().min(1).max(20).describe('Highest power of time, in each run.'),
  }),
  z.strictObject({
    kind: z.literal('cosine'),
    period: z.number().min(2).describe('Changes slower than this many rows are modelled, in each run.'),
  }),
]);

/** A number of each row as a regressor. `value` is its name. */
export function modulatorSchema<T extends z.ZodType<string>>(value: T) {
  const full = z.strictObject({
    value,
    of: z
      .enum(['all', 'tasks'])
      .default('all')
      .describe("One column over all rows, or one for each task over its own rows, named 'task:value'."),
    centre: z
      .enum(['all', 'run', 'prompt', 'none'])
      .default('all')
      .describe('Rows whose mean is taken off: of all runs, of each run, of each prompt.'),
  });
  return z.union([value.transform((name) => ({ value: name, of: 'all' as const, centre: 'all' as const })), full]);
}

/** Maps are folders and columns of this name. */
export const mapName = z
  .string()
  .max(100, 'its name may have at most 100 characters')
  .regex(
    /^\w[\w. +-]*$/,
    'its name must be letters (a to z), digits, _ . + - and spaces, and begin with a letter, a digit or _',
  );

/** Contrasts by name. */
export const contrastsSchema = dictionarySchema(mapName, z.string().min(1)).prefault({});

/** What a person reads of the noise models. */
export const noiseDescription =
  "What the errors of a unit are assumed to be. prompt: prompts are independent, each counts once however long. mixed: a level for each prompt, longer ones count for more. ols, ar1, arma11: nothing that a prompt's tokens share. ar1+prompt: a level for each prompt and AR(1) tokens. Family-wise p are of prompts' means whatever it is.";

/** How prompts vary about their conditions' means. */
export const varianceSchema = z
  .enum(['separate', 'pooled'])
  .default('separate')
  .describe(
    "Prompts' variance: each condition (task, rest) has its own, so that t is Welch's and relabelling tests its z; or one for all, which takes conditions to vary alike. Of noise prompt, and of family-wise p whatever the noise.",
  );

/** The `glm` part of study.yaml. What is left out is off. */
export const glmSchema = z
  .strictObject({
    noise: z.enum(noiseModels).default('prompt').describe(noiseDescription),
    variance: varianceSchema,
    regressor: regressorSchema
      .optional()
      .describe('How a task shows in its tokens. Default: boxcar, the same in every token.'),
    modulators: z
      .array(modulatorSchema(z.enum(['position', 'log_probability', 'entropy'])))
      .min(1)
      .optional()
      .describe('Numbers of each token as regressors; contrasts may name them.'),
    drift: driftSchema.optional().describe('Slow changes over a run. Default: none.'),
    confounds: z
      .string()
      .min(1)
      .optional()
      .describe('CSV or Parquet, relative to study.yaml: columns run, prompt, perhaps position, then numbers.'),
    afterEnd: z
      .enum(['keep', 'drop'])
      .default('drop')
      .describe(
        "Whether tokens count that were generated after the end of a prompt's text, its end-of-sequence token.",
      ),
    transform: z
      .enum(['none', 'abs', 'positive'])
      .default('none')
      .describe(
        'What is done to each recorded activation before means: nothing, its absolute value, or 0 in place of what is below 0.',
      ),
    contrasts: contrastsSchema.describe("Further contrasts over tasks, by name: 'pathology - medical-imaging'."),
    conjunctions: dictionarySchema(mapName, z.array(z.string()).min(2))
      .optional()
      .describe('Maps of what several tasks have in common, by name: [pathology, medical-imaging].'),
    secondLevel: z
      .literal(true)
      .optional()
      .describe(
        'For each task a map over sessions as random effects, so that it speaks of further sessions. Family-wise error of .05 takes 6.',
      ),
    relabellings: z.int().min(100).max(1_000_000).default(2000).describe('Relabellings of prompts for inference.'),
    runRelabellings: z
      .union([z.literal(0), z.int().min(100).max(1_000_000)])
      .default(0)
      .describe(
        'The same for the map of a single run; with 0 (default) runs have no family-wise p, which no other result takes.',
      ),
  })
  .prefault({})
  .describe('The general linear model of each unit.');
