import { type Manifest, recordedFile } from '@galvani/artifact';
import type { RecordingStage } from '@galvani/study';
import { advised, Failure } from '@galvani/terminal';
import { z } from 'zod';

/** What is read in the manifest of a run's recording. */
export const recordingFacts = z.object({
  layers: z.array(z.string()).min(1),
  /** Rows of tokens.parquet. */
  rows: z.int().nonnegative(),
  /** Units of the head that stand for no token of any text: from the first to before the second number of each pair. */
  unreachable: z.array(z.tuple([z.int(), z.int()])).default([]),
  /** What is stored: activations at every token, or moments of each prompt. */
  keep: z.enum(['tokens', 'prompts']).default('tokens'),
  moments: z.enum(['mean', 'squares', 'lagged']).default('mean'),
  /** What stood around each prompt, with {prompt} in its place. */
  template: z.string().optional(),
  /** The version of onnxruntime that ran the model. */
  onnxruntime: z.string().optional(),
});

export type RecordingFacts = z.infer<typeof recordingFacts>;

const mapDescription = z.object({
  /** Its folder under `glm`. */
  name: z.string(),
  kind: z.enum(['task', 'run', 'contrast', 'second-level', 'conjunction']),
  /** Of a map of one task. */
  task: z.string().optional(),
  /** Of a map of one run. */
  run: z.string().optional(),
  contrast: z.string(),
  noise: z.string().optional(),
  /** Degrees of freedom, or in words that each unit has its own. */
  df: z.union([z.number(), z.string()]).optional(),
  /** What the map is of; z of a conjunction. */
  statistic: z.enum(['t', 'F', 'z']).optional(),
  /** The statistic that relabelling tests, which the threshold is in. */
  relabelled: z.enum(['t', 'F']).optional(),
  /** What maxima of relabelling were divided by, since conditions differ in spread; at most 1. */
  wildRatio: z.number().optional(),
  /** Smallest extremeness (|t| or F, as `relabelled` says) that survives, by correction, at the error rate `alpha`. */
  threshold: z.record(z.string(), z.number()).default({}),
});

/** What the glm stage's manifest says of one map. */
export type MapDescription = z.infer<typeof mapDescription>;

export const glmFacts = z.object({
  layers: z.array(z.string()).min(1),
  units: z.int().nonnegative(),
  mapSets: z.array(mapDescription),
});

/** A manifest's facts, checked. @throws Failure that names the folder whose manifest says something else */
export function factsOf<T>(name: string, { facts }: Manifest, schema: z.ZodType<T>): T {
  const checked = schema.safeParse(facts);
  if (checked.success) return checked.data;
  const [{ path, message }] = checked.error.issues;
  throw new Failure(`${name}/manifest.json: facts.${path.join('.')} is not as galvani writes it (${message}).`);
}

/** What a recording's manifest says of it. @throws Failure as `factsOf`, and where other files hold it than are read */
export function recordedFacts(stage: RecordingStage, name: string, manifest: Manifest): RecordingFacts {
  const facts = factsOf(name, manifest, recordingFacts);
  const file = recordedFile(facts.keep);
  if (file in manifest.outputs) return facts;
  throw new Failure(`${name} has no ${file}: another galvani recorded it. Run ${advised(stage, stage)} again.`);
}
