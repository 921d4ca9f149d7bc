import { chmod, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describeOutput, type Storage, tokenTable } from '@galvani/artifact';
import { type Subject, unreachableTokens } from '@galvani/model';
import type { Recorded } from '@galvani/study';
import type { StoredRun } from '@galvani/subject';
import { encodePrompts } from '@galvani/subject';
import { startProgress } from '@galvani/terminal';
import { columnsOf, record } from './recording/record.js';
import { recordReading } from './recording/record-reading.js';
import { createSlabWriter } from './recording/slab-writer.js';
import { createThreadedWriter } from './recording/threaded-writer.js';
import type { RecordingRequest } from './recording-request.js';
import { tokenRows } from './token-rows.js';

/** Bytes whose checksum takes longer than a thread takes to start. */
const worthAThread = 200e6;
/** With fewer cores the model needs them all, and waits for the thread longer than the checksum would take in its own. */
const coresForAThread = 3;

/** The layers of a subject, in the order in which they run: each has a file of its own. */
export function layersOf({ sites }: Pick<Subject, 'sites'>): { layer: string; sites: number[] }[] {
  const layers = new Map<string, number[]>();
  for (const [s, { layer }] of sites.entries()) layers.set(layer, [...(layers.get(layer) ?? []), s]);
  return [...layers].map(([layer, sites]) => ({ layer, sites }));
}

/** Rows that a run's files hold: generated tokens, the tokens that are read, or one for each prompt that is read. */
export function rowsOf(
  prompts: readonly Int32Array[],
  { mode, tokens, newTokens }: Pick<Recorded, 'mode' | 'tokens' | 'newTokens'>,
): number {
  if (mode === 'generate') return prompts.length * newTokens;
  return tokens === 'all' ? prompts.reduce((sum, { length }) => sum + length, 0) : prompts.length;
}

/** Nothing hangs on it where a file system has no such modes. */
async function forbidWriting(path: string): Promise<void> {
  const { mode } = await stat(path);
  await chmod(path, mode & ~0o222).catch(() => undefined);
}

/**
 * Records a run: `<layer>.arrow` for each layer, and tokens.parquet, in `target`, which is not there yet. The manifest is the
 * caller's to write. On an error, Ctrl-C included, nothing is left.
 */
export async function recordRun(
  subject: Subject,
  request: RecordingRequest,
  { newTokens, storage }: { newTokens: number; storage: Storage },
  target: string,
  signal?: AbortSignal,
): Promise<StoredRun> {
  const reading = request.mode === 'read';
  signal?.throwIfAborted();
  const prompts = await encodePrompts(request.events, subject, reading ? 0 : newTokens, { signal });
  const layers = layersOf(subject);
  const files = layers.map(({ layer, sites }) => ({ path: join(target, `${layer}.arrow`), sites }));
  const rows = rowsOf(prompts, { ...request, newTokens });
  const progress = startProgress(request.run, rowsOf(prompts, { ...request, newTokens, tokens: 'all' }), 'tokens');
  const recording = { columns: columnsOf(subject), files, storage };
  const units = subject.sites.reduce((sum, { width }) => sum + width, 0);
  // Run from TypeScript sources there is no built file that a thread could be started from.
  const built = import.meta.url.endsWith('.js');
  const large = rows * units * 4 > worthAThread;
  const threaded =
    !reading && large && built && availableParallelism() >= coresForAThread
      ? await createThreadedWriter(recording)
      : undefined;
  const writer = threaded ?? (await createSlabWriter(recording));
  const ownThread = threaded !== undefined;
  const tokensFile = join(target, 'tokens.parquet');
  try {
    const onTokens = (count: number) => progress.advance(count);
    const keys = request.events.map((event) => event.prompt_id);
    const generation = reading
      ? await recordReading(subject, prompts, writer, { kept: request.tokens, signal, onTokens })
      : await record(
          subject,
          { prompts, keys, newTokens, sampling: request.sampling },
          { batch: request.batch, steps: request.steps, order: 'prompt', ownThread, signal, onTokens },
          writer,
        );
    const written = await writer.finish();
    const tokens = tokenRows(generation, subject.tokenizer, reading ? [] : subject.endTokens);
    await tokenTable.write(tokensFile, tokens);
    const arrays = Object.fromEntries(layers.map(({ layer }, l) => [`${layer}.arrow`, written[l]]));
    const outputs = { ...arrays, 'tokens.parquet': await describeOutput(tokensFile) };
    // The store and other studies have the same bytes under other names: to edit one would be to edit all.
    for (const name of Object.keys(outputs)) await forbidWriting(join(target, name));
    return {
      outputs,
      facts: {
        prompts: prompts.length,
        rows,
        afterEnd: tokens.filter(({ after_end }) => after_end).length,
        unreachable: subject.tokenizer ? unreachableTokens(subject.tokenizer, subject.vocabularySize) : [],
        units,
        sites: subject.sites.length,
        layers: layers.map(({ layer }) => layer),
        storage,
      },
    };
  } catch (error) {
    await writer.abandon();
    await rm(target, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  } finally {
    progress.finish();
  }
}
