import type { Generation, Subject } from '@galvani/model';
import type { StoredRun } from '@galvani/subject';
import { startProgress } from '@galvani/terminal';
import { type PresentationOptions, presentRuns } from './recording/present-runs.js';
import { recordReading } from './recording/record-reading.js';
import { slabBudget } from './recording/slab-size.js';
import { keptSpans, rowsOf } from './recording-rows.js';
import { createRunFiles, endTokensOf, type Kept, type RunSink, type RunToRecord } from './run-files.js';

/**
 * Reads a run's prompts and records what is read, in its `target`. On an error, Ctrl-C included, nothing is left.
 */
export async function recordReadRun(
  subject: Subject,
  run: RunToRecord,
  options: Kept,
  signal?: AbortSignal,
): Promise<StoredRun> {
  const { request, presented } = run;
  const prompts = presented.map(({ tokens }) => tokens);
  const files = await createRunFiles(subject, run, options);
  const progress = startProgress(request.run, rowsOf(prompts, { ...request, ...options, tokens: 'all' }), 'tokens');
  try {
    const spans = keptSpans(presented, request);
    const onTokens = (count: number) => progress.advance(count);
    const asked = options.keep === 'prompts' ? { moments: options.moments } : { kept: request.tokens };
    return await files.finish(
      await recordReading(subject, prompts, files.writer, { ...asked, spans, signal, onTokens }),
    );
  } catch (error) {
    await files.abandon();
    throw error;
  } finally {
    progress.finish();
  }
}

interface RunOptions extends Pick<PresentationOptions, 'signal' | 'pause'> {
  onComputed?(): void;
  worthAThread?: number;
}

/**
 * Has the subject continue a run's prompts, and those of `others` in the same batches, and records each in its own `target`. On an
 * error, Ctrl-C included, nothing is left. An error that only another run meets costs that run alone: it is undefined then.
 *
 * @param recording.onComputed called when the subject has done its part and the files are being ended
 * @param recording.pause waited for after each step
 * @param recording.worthAThread as for `createRunFiles`
 */
export async function recordRuns(
  subject: Subject,
  run: RunToRecord,
  others: readonly RunToRecord[],
  options: Kept,
  { signal, onComputed, pause, worthAThread }: RunOptions = {},
): Promise<{ own: StoredRun; others: (StoredRun | undefined)[] }> {
  const { newTokens } = options;
  const units = subject.sites.reduce((sum, { width }) => sum + width, 0);
  const all = [run, ...others];
  const slabRows = ({ request: { batch, steps } }: RunToRecord) => batch * steps;
  const first = all.reduce((sum, each) => sum + slabRows(each), 0);
  const place = { room: { rows: Math.floor(slabBudget / (4 * units)) - first }, worthAThread };
  const own = await createRunFiles(subject, run, options, place);
  const lent = await Promise.all(
    others.map((other) => expendable(() => createRunFiles(subject, other, options, place))),
  );
  const sinks = [own, ...lent];
  const rows = all.reduce((sum, { presented }) => sum + presented.length, 0);
  const progress = startProgress(labelOf(run.request.run, others.length), rows * newTokens, 'tokens');
  try {
    const { batch, sampling } = run.request;
    const asked = all.map(({ request, presented }, r) => ({
      prompts: presented.map(({ tokens }) => tokens),
      keys: request.events.map((event) => event.prompt_id),
      sink: sinks[r],
    }));
    const generations = await presentRuns(subject, asked, {
      batch: others.length > 0 ? rows : batch,
      newTokens,
      sampling,
      endTokens: endTokensOf(subject, options),
      stopAtEnd: options.stopAtEnd,
      signal,
      onTokens: (count) => progress.advance(count),
      pause,
    });
    // All at once: the disk confirms several files as fast as one.
    const ending = sinks.map((sink, r) => sink.finish(generations[r]));
    progress.finish();
    onComputed?.();
    const [finished, ...lentFinished] = await Promise.allSettled([ending[0] as Promise<StoredRun>, ...ending.slice(1)]);
    if (finished.status === 'rejected') throw finished.reason;
    return {
      own: finished.value,
      others: lentFinished.map((other) => (other.status === 'fulfilled' ? other.value : undefined)),
    };
  } catch (error) {
    for (const sink of sinks) await sink.abandon();
    throw error;
  } finally {
    progress.finish();
  }
}

const labelOf = (run: string, others: number) =>
  others === 0 ? run : `${run} and ${others} more ${others === 1 ? 'run' : 'runs'}`;

/** A sink that is abandoned at its first error, and takes what comes then without a word. */
async function expendable(
  create: () => Promise<RunSink>,
): Promise<
  Pick<RunSink, 'place' | 'sums' | 'abandon'> & { finish(generation: Generation): Promise<StoredRun | undefined> }
> {
  let sink: RunSink | undefined;
  const attempt = async <T>(work: (open: RunSink) => Promise<T>): Promise<T | undefined> => {
    const open = sink;
    if (!open) return undefined;
    try {
      return await work(open);
    } catch {
      sink = undefined;
      await open.abandon();
      return undefined;
    }
  };
  sink = await create().catch(() => undefined);
  return {
    place: (step, at) => attempt((open) => open.place(step, at)),
    sums: (given, at) => attempt(async (open) => open.sums?.(given, at)),
    finish: (generation) => attempt((open) => open.finish(generation)),
    abandon: async () => sink?.abandon(),
  };
}
