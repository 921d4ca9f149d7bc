import type { ActivationColumn, ScalarColumn } from '@galvani/artifact';
import type { Generation, Sampling, Subject } from '@galvani/model';
import { presentRuns, type Recordable } from './present-runs.js';
import { createSlabSink } from './slab-sink.js';
import type { RowOrder, SlabSize } from './slab-size.js';
import type { SlabWriter } from './slab-writer.js';

/** Prompts to present, and how. */
export interface Presentation {
  prompts: Int32Array[];
  /** Name of each prompt's random stream, so that its continuation does not depend on batch or order. */
  keys: (string | number)[];
  newTokens: number;
  sampling: Sampling;
}

export interface RecordingOptions extends SlabSize {
  order: RowOrder;
  /** Plain columns that the writer puts ahead of the sites; of those in `scalarColumns`. */
  scalars?: readonly ScalarColumn[];
  signal?: AbortSignal;
  /** Whether the writer is another thread. Default: false. */
  ownThread?: boolean;
  /** Told how many tokens each step added. */
  onTokens?(count: number): void;
}

/** The plain columns of a recording that stands alone. `prompt` and `position` count from 0; `log_probability` is in nats. */
export const scalarColumns = {
  prompt: { name: 'prompt', type: 'int32' },
  position: { name: 'position', type: 'int32' },
  token_id: { name: 'token_id', type: 'int32' },
  log_probability: { name: 'log_probability', type: 'float32' },
} as const satisfies Record<string, ScalarColumn>;

export const columnsOf = ({ sites }: Pick<Subject, 'sites'>): ActivationColumn[] =>
  sites.map(({ name, kind, width, layer }) => ({ site: name, kind, width, layer }));

/**
 * Presents the prompts, batch after batch, and sends every site's output to the writer in slabs. Two slabs exist, however
 * long the recording. The writer is neither finished nor abandoned here.
 */
export async function record(
  subject: Recordable,
  { prompts, keys, newTokens, sampling }: Presentation,
  { signal, onTokens, ...options }: RecordingOptions,
  writer: SlabWriter,
): Promise<Generation> {
  const { batch } = options;
  const sink = createSlabSink(writer, { ...options, newTokens, columns: columnsOf(subject), half: subject.half });
  const run = { prompts, keys, sink };
  const [generation] = await presentRuns(subject, [run], { batch, newTokens, sampling, signal, onTokens });
  await sink.drain();
  return generation;
}
