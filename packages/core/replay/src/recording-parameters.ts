import type { Manifest } from '@galvani/artifact';
import type { Site } from '@galvani/model';
import { advised, Failure } from '@galvani/terminal';
import { z } from 'zod';

const schema = z.object({
  /** The sites that were recorded, in the order in which they run. */
  sites: z.array(z.object({ site: z.string(), kind: z.string(), width: z.int(), layer: z.string() })),
  /** Prompts at once: it moves the last digits. */
  batch: z.int().min(1),
  model: z.object({ sha256: z.string() }),
  /** Of everything that decides the recording's bytes. */
  key: z.string(),
  /** What is kept of the activations: a row of each token, or what they come to over each prompt. */
  keep: z.enum(['tokens', 'prompts']).default('tokens'),
  /** Whether that takes in what comes after the end of a prompt's text. */
  afterEnd: z.enum(['keep', 'drop']).default('drop'),
});

/** What a recording's manifest says of how it was made, beside what the study asks for. */
export interface RecordingParameters extends Omit<z.infer<typeof schema>, 'sites'> {
  sites: Site[];
}

/** @throws Failure that names the run whose manifest says something else */
export function recordingParameters(run: string, { parameters }: Pick<Manifest, 'parameters'>): RecordingParameters {
  const checked = schema.safeParse(parameters);
  if (!checked.success) {
    const [{ path, message }] = checked.error.issues;
    throw new Failure(
      `extract/${run}/manifest.json: parameters.${path.join('.')} is not as galvani writes it (${message}). Run ${advised('extract', 'extract')} again.`,
    );
  }
  const sites = checked.data.sites.map(({ site, kind, width, layer }) => ({ name: site, kind, width, layer }) as Site);
  return { ...checked.data, sites };
}
