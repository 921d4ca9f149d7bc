import { type ActivationColumn, type ActivationValues, pagedActivations, type ScalarColumn } from '@galvani/artifact';
import type { Activations, Generation, RecordedStep, Sampling, Subject } from '@galvani/model';
import type { Piece } from './slab.js';
import { createScalars, createSlabPair, type OpenSlab } from './slab-pair.js';
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

/** What may be recorded from: a loaded subject, or a stand-in. */
export type Recordable = Pick<Subject, 'sites' | 'half' | 'generate'>;

export const columnsOf = ({ sites }: Pick<Subject, 'sites'>): ActivationColumn[] =>
  sites.map(({ name, kind, width }) => ({ site: name, kind, width }));

/**
 * Presents the prompts, batch after batch, and sends every site's output to the writer in slabs. Two slabs exist, however
 * long the recording. Where a step is a slab, the writer gets the subject's own memory, and the subject waits for it before
 * it uses that memory again; `ownThread` says that the writer has no access to it. The writer is neither finished nor
 * abandoned here.
 */
export async function record(
  subject: Recordable,
  { prompts, keys, newTokens, sampling }: Presentation,
  { batch, steps, order, scalars = [], ownThread = false, signal, onTokens }: RecordingOptions,
  writer: SlabWriter,
): Promise<Generation> {
  const columns = columnsOf(subject);
  const slabs = createSlabPair(writer, batch * steps, columns, scalars, subject.half);
  const direct = steps === 1 && !ownThread;
  const whole: Generation = { tokens: [], logProbabilities: [], entropies: [] };
  for (let first = 0; first < prompts.length; first += batch) {
    const rows = Math.min(batch, prompts.length - first);
    let open: OpenSlab | undefined;
    // Steps queue up: the next may come while this one still waits for a slab.
    let queue = Promise.resolve();
    const place = async (step: RecordedStep) => {
      const within = step.position % steps;
      const start = step.position - within;
      const part = { first, rows, start, steps: Math.min(steps, newTokens - start), newTokens, order };
      if (direct) {
        const slab = {
          sites: columns.map(({ site }) => activationsOf(step, site)),
          scalars: createScalars(scalars, rows),
        };
        placeScalars(slab, step, part, 0);
        return writer.write({ ...slab, pieces: piecesOf(part) });
      }
      open ??= await slabs.take();
      placeActivations(open, columns, step, part, within);
      placeScalars(open, step, part, within);
      if (within < part.steps - 1) return;
      slabs.send(open, piecesOf(part));
      open = undefined;
    };
    const generation = await subject.generate({
      prompts: prompts.slice(first, first + rows),
      promptKeys: keys.slice(first, first + rows),
      newTokens,
      sampling,
      allocate: pagedActivations,
      signal,
      onStep(step) {
        onTokens?.(step.rows);
        queue = queue.then(() => place(step));
        return queue;
      },
    });
    whole.tokens.push(...generation.tokens);
    whole.logProbabilities.push(...generation.logProbabilities);
    whole.entropies.push(...generation.entropies);
  }
  await slabs.drain();
  return whole;
}

/** The part of a recording that one slab holds: `steps` tokens, from number `start` on, of `rows` prompts from `first` on. */
interface Part {
  first: number;
  rows: number;
  start: number;
  steps: number;
  /** Of each prompt in the whole recording. */
  newTokens: number;
  order: RowOrder;
}

/** A slab's row for token `within` (of the slab) of prompt `row` (of the batch). */
function rowOf({ rows, steps, order }: Part, row: number, within: number): number {
  return order === 'generation' ? within * rows + row : row * steps + within;
}

function placeActivations(
  slab: OpenSlab,
  columns: readonly ActivationColumn[],
  step: RecordedStep,
  part: Part,
  within: number,
): void {
  const { rows } = part;
  const together = part.order === 'generation' || rows === 1;
  for (const [c, { site, width }] of columns.entries()) {
    const values = slab.sites[c];
    const activations = activationsOf(step, site);
    if (together) values.set(activations.subarray(0, rows * width), within * rows * width);
    else
      for (let r = 0; r < rows; r++)
        values.set(activations.subarray(r * width, (r + 1) * width), rowOf(part, r, within) * width);
  }
}

/** A site's numbers as the subject gives them. */
export function activationsOf({ sites, halves }: Activations, site: string): ActivationValues {
  return (halves ?? sites).get(site)!;
}

function placeScalars(slab: OpenSlab, step: RecordedStep, part: Part, within: number): void {
  if (slab.scalars.length === 0) return;
  for (let r = 0; r < part.rows; r++) {
    const at = rowOf(part, r, within);
    const row = {
      prompt: part.first + r,
      position: step.position,
      token_id: step.tokens[r],
      log_probability: step.logProbabilities[r],
    };
    for (const { name, values } of slab.scalars) values[at] = row[name as keyof typeof row];
  }
}

/** A slab's rows lie together in the file, unless it holds a part of several prompts' rows. */
function piecesOf(part: Part): Piece[] {
  const { first, rows, start, steps, newTokens, order } = part;
  const before = first * newTokens;
  if (order === 'generation') return [{ offset: 0, rows: rows * steps, firstRow: before + start * rows }];
  if (steps === newTokens) return [{ offset: 0, rows: rows * steps, firstRow: before }];
  return Array.from({ length: rows }, (_, r) => ({
    offset: r * steps,
    rows: steps,
    firstRow: before + r * newTokens + start,
  }));
}
