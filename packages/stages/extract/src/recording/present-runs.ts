import { pagedActivations } from '@galvani/artifact';
import type { Generation, PromptSums, RecordedStep, Sampling, Subject } from '@galvani/model';

/** What may be recorded from: a loaded subject, or a stand-in. */
export type Recordable = Pick<Subject, 'sites' | 'half' | 'generate'>;

/** The rows of a batch that are a run's. */
export interface RunRows {
  /** Row of the batch at which they begin. */
  offset: number;
  rows: number;
  /** Which of the run's prompts the first of them is. */
  first: number;
}

/** Where a run's outputs go while the model runs: into files, into sums, or wherever. */
export interface StepSink {
  /**
   * Takes what a step holds of the run. Steps come in turn, the next perhaps before this one is done; the subject waits for the
   * promise before it uses the step's memory again.
   */
  place(step: RecordedStep, at: RunRows): Promise<void>;
  /** Of a subject that sums: takes the run's prompts' sums at the end of a batch, whose memory it may change. The subject waits for it. */
  sums?(given: PromptSums, at: RunRows): Promise<void>;
}

/** Prompts of one run to present, and where their outputs go. */
export interface PresentedRun {
  prompts: readonly Int32Array[];
  /** Name of each prompt's random stream, so that its continuation does not depend on batch or order. */
  keys: readonly (string | number)[];
  sink: StepSink;
}

export interface PresentationOptions {
  /** Prompts at once. */
  batch: number;
  newTokens: number;
  sampling: Sampling;
  /** Tokens that end a prompt's text, after which a subject that sums adds nothing. Default: none. */
  endTokens?: readonly number[];
  /** Whether a prompt's tokens end there. Default: false. */
  stopAtEnd?: boolean;
  signal?: AbortSignal;
  /** Told how many tokens each step added. */
  onTokens?(count: number): void;
  /** As a subject's request has it. */
  pause?(): Promise<void> | undefined;
}

/**
 * Has the subject continue the prompts of all runs, one run after the other, batch after batch; a batch may hold prompts of
 * several runs. Every step goes to the sinks of the runs that are in it. Returns what was generated, for each run.
 */
export async function presentRuns(
  subject: Recordable,
  runs: readonly PresentedRun[],
  { batch, newTokens, sampling, endTokens, stopAtEnd, signal, onTokens, pause }: PresentationOptions,
): Promise<Generation[]> {
  const whole = runs.map((): Generation => ({ tokens: [], logProbabilities: [], entropies: [] }));
  const all = runs.flatMap(({ prompts, keys }, run) => prompts.map((prompt, p) => ({ run, p, prompt, key: keys[p] })));
  for (let from = 0; from < all.length; from += batch) {
    const rows = all.slice(from, from + batch);
    const parts = partsOf(rows.map(({ run }) => run)).map(({ run, offset, count }) => ({
      sink: runs[run].sink,
      at: { offset, rows: count, first: rows[offset].p },
    }));
    const generation = await subject.generate({
      prompts: rows.map(({ prompt }) => prompt),
      promptKeys: rows.map(({ key }) => key),
      newTokens,
      sampling,
      endTokens,
      stopAtEnd,
      allocate: pagedActivations,
      signal,
      pause,
      async onStep(step) {
        onTokens?.(step.rows);
        await Promise.all(parts.map(({ sink, at }) => sink.place(step, at)));
      },
    });
    const { sums } = generation;
    if (sums) await Promise.all(parts.map(({ sink, at }) => sink.sums?.(sums, at)));
    for (const [r, { run }] of rows.entries()) {
      whole[run].tokens.push(generation.tokens[r]);
      whole[run].logProbabilities.push(generation.logProbabilities[r]);
      whole[run].entropies.push(generation.entropies[r]);
    }
  }
  return whole;
}

/** Where each run's rows lie in a batch, given the run of every row. */
function partsOf(runs: readonly number[]): { run: number; offset: number; count: number }[] {
  const parts: { run: number; offset: number; count: number }[] = [];
  for (const [row, run] of runs.entries()) {
    const last = parts.at(-1);
    if (last?.run === run) last.count++;
    else parts.push({ run, offset: row, count: 1 });
  }
  return parts;
}
