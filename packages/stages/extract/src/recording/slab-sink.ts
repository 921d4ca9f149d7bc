import type { ActivationColumn, ActivationValues, ScalarColumn } from '@galvani/artifact';
import { type Activations, type RecordedStep, type TextEnds, textEnds } from '@galvani/model';
import type { RunRows, StepSink } from './present-runs.js';
import type { Piece } from './slab.js';
import { createScalars, createSlabPair, type OpenSlab, type SlabRoom } from './slab-pair.js';
import type { RowOrder, SlabSize } from './slab-size.js';
import type { SlabWriter } from './slab-writer.js';

/** How the rows of a run gather in slabs: at most `batch` prompts and `steps` tokens of each are in one. */
export interface SlabSinkOptions extends SlabSize {
  order: RowOrder;
  /** Tokens of each prompt, at most. */
  newTokens: number;
  /** Tokens after which a prompt has no rows. Default: none. Of order `prompt`. */
  stopTokens?: readonly number[];
  /** Every site, in the order in which they run. */
  columns: readonly ActivationColumn[];
  /** Plain columns that the writer puts ahead of the sites. Default: none. */
  scalars?: readonly ScalarColumn[];
  /** Whether numbers come as the bits of float16. */
  half: boolean;
  /** Whether the writer is another thread. Default: false. */
  ownThread?: boolean;
  /** Where others take slabs too. Default: there is room for two. */
  room?: SlabRoom;
}

/** A sink that gathers rows in slabs and sends them to a writer, which is neither finished nor abandoned here. */
export interface SlabSink extends StepSink {
  /** Waits until all that was placed is written. Throws what went wrong. */
  drain(): Promise<void>;
}

/**
 * Puts steps' rows in their order, slab after slab. Where a step is a slab, the writer gets the subject's own memory, and the
 * subject waits for it before it uses that memory again; `ownThread` says that the writer has no access to it.
 */
export function createSlabSink(
  writer: SlabWriter,
  { batch, steps, order, newTokens, stopTokens, columns, scalars = [], half, ownThread = false, room }: SlabSinkOptions,
): SlabSink {
  const slabs = createSlabPair(writer, batch * steps, columns, scalars, half, room);
  const direct = steps === 1 && !ownThread;
  let open: OpenSlab | undefined;
  let ends = textEnds(0);
  // Steps queue up: the next may come while this one still waits for a slab.
  let queue = Promise.resolve();
  const put = async (step: RecordedStep, at: RunRows) => {
    if (step.position === 0) ends = textEnds(at.rows, stopTokens);
    else if (ends.all()) return;
    for (let r = 0; r < at.rows; r++) ends.take(r, step.tokens[at.offset + r], step.position);
    const within = step.position % steps;
    const start = step.position - within;
    const part = { ...at, start, steps: Math.min(steps, newTokens - start), newTokens, order };
    if (direct) {
      const slab = {
        sites: columns.map(({ site, width }) => rowsOf(step, site, width, at)),
        scalars: createScalars(scalars, at.rows),
      };
      placeScalars(slab, step, part, 0);
      return writer.write({ ...slab, pieces: piecesOf(part, ends) });
    }
    open ??= await slabs.take();
    placeActivations(open, columns, step, part, within);
    placeScalars(open, step, part, within);
    if (within < part.steps - 1 && !ends.all()) return;
    slabs.send(open, piecesOf(part, ends));
    open = undefined;
  };
  return {
    place(step, at) {
      queue = queue.then(() => put(step, at));
      return queue;
    },
    drain: () => slabs.drain(),
  };
}

/** The part of a run that one slab holds: `steps` tokens, from number `start` on, of `rows` prompts from `first` on. */
interface Part extends RunRows {
  start: number;
  steps: number;
  /** Of each prompt in the whole recording. */
  newTokens: number;
  order: RowOrder;
}

/** A slab's row for token `within` (of the slab) of prompt `row` (of the run's in the batch). */
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
    const activations = rowsOf(step, site, width, part);
    if (together) values.set(activations, within * rows * width);
    else
      for (let r = 0; r < rows; r++)
        values.set(activations.subarray(r * width, (r + 1) * width), rowOf(part, r, within) * width);
  }
}

/** A run's rows of a site. */
function rowsOf(step: RecordedStep, site: string, width: number, { offset, rows }: RunRows): ActivationValues {
  return activationsOf(step, site).subarray(offset * width, (offset + rows) * width);
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
      token_id: step.tokens[part.offset + r],
      log_probability: step.logProbabilities[part.offset + r],
    };
    for (const { name, values } of slab.scalars) values[at] = row[name as keyof typeof row];
  }
}

/** A slab's rows lie together in the file, unless it holds a part of several prompts' rows. A prompt whose text has ended has no more. */
function piecesOf(part: Part, ends: TextEnds): Piece[] {
  const { first, rows, start, steps, newTokens, order } = part;
  const before = first * newTokens;
  if (order === 'generation') return [{ offset: 0, rows: rows * steps, firstRow: before + start * rows }];
  const counts = Array.from({ length: rows }, (_, r) => Math.min(steps, (ends.lengthOf(r) ?? newTokens) - start));
  if (steps === newTokens && counts.every((count) => count === steps))
    return [{ offset: 0, rows: rows * steps, firstRow: before }];
  return counts.flatMap((count, r) =>
    count > 0 ? [{ offset: r * steps, rows: count, firstRow: before + r * newTokens + start }] : [],
  );
}
