import { chmod, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type ActivationColumn, describeOutput, recordedFile, tokenTable } from '@galvani/artifact';
import { type Generation, type Subject, unreachableTokens } from '@galvani/model';
import { onnxruntimeVersion } from '@galvani/onnx';
import type { Recorded } from '@galvani/study';
import { type PresentedPrompt, presentedTemplate, type StoredRun } from '@galvani/subject';
import { createMomentSink, momentFiles } from './recording/moment-sink.js';
import type { StepSink } from './recording/present-runs.js';
import { columnsOf } from './recording/record.js';
import type { SlabRoom } from './recording/slab-pair.js';
import { createSlabSink } from './recording/slab-sink.js';
import { createSlabWriter, type SlabWriter } from './recording/slab-writer.js';
import { createThreadedWriter } from './recording/threaded-writer.js';
import type { RecordingRequest } from './recording-request.js';
import { keptTokens, rowsOf } from './recording-rows.js';
import { tokenRows } from './token-rows.js';

/** What is kept of a run. */
export type Kept = Pick<Recorded, 'newTokens' | 'storage' | 'saturate' | 'keep' | 'moments' | 'afterEnd' | 'stopAtEnd'>;

/** A run's prompts as tokens, and the folder that its files are to be written to, which is not there or empty. */
export interface RunToRecord {
  request: RecordingRequest;
  presented: PresentedPrompt[];
  target: string;
}

/** A run's recording under way: what becomes of its outputs, and what is left of them in the end. */
export interface RunSink extends StepSink {
  /** Ends the recording. What it holds then is there whole. */
  finish(generation: Generation): Promise<StoredRun>;
  /** Removes what was written. */
  abandon(): Promise<void>;
}

/** The files of a run and the columns in them: activations, or moments of prompts. */
export function filesOf(
  subject: Pick<Subject, 'sites'>,
  { keep, moments }: Pick<Kept, 'keep' | 'moments'>,
): { columns: ActivationColumn[]; files: { name: string; sites: number[] }[] } {
  if (keep === 'prompts') return momentFiles(moments, subject.sites);
  return { columns: columnsOf(subject), files: [{ name: recordedFile(keep), sites: subject.sites.map((_, s) => s) }] };
}

/** Tokens after which nothing is recorded of a prompt, or nothing counts in its moments. */
export const endTokensOf = (
  { endTokens }: Pick<Subject, 'endTokens'>,
  { keep, afterEnd, stopAtEnd }: Pick<Kept, 'keep' | 'afterEnd' | 'stopAtEnd'>,
) => (stopAtEnd || (keep === 'prompts' && afterEnd !== 'keep') ? endTokens : []);

/** Nothing hangs on it where a file system has no such modes. */
async function forbidWriting(path: string): Promise<void> {
  const { mode } = await stat(path);
  await chmod(path, mode & ~0o222).catch(() => undefined);
}

/**
 * Records a run: every token, or moments of every prompt, in files of all layers; and tokens.parquet. The manifest is the caller's to write.
 *
 * @param options.room where other runs take slabs too
 * @param options.worthAThread bytes of a run from which on a thread writes it. Default: 100 MB
 */
export async function createRunFiles(
  subject: Subject,
  { request, presented, target }: RunToRecord,
  { newTokens, storage, saturate, keep, moments, afterEnd, stopAtEnd }: Kept,
  { room, worthAThread = 100e6 }: { room?: SlabRoom; worthAThread?: number } = {},
): Promise<RunSink & { writer: SlabWriter }> {
  const reading = request.mode === 'read';

  const byPrompt = keep === 'prompts';
  const placed = filesOf(subject, { keep, moments });
  const { columns } = placed;
  const files = placed.files.map(({ name, sites }) => ({ path: join(target, name), sites }));
  const most = rowsOf(keptTokens(presented, request), { ...request, newTokens });
  const recording = { columns, files, storage, saturate };
  const units = subject.sites.reduce((sum, { width }) => sum + width, 0);
  // Run from TypeScript sources there is no built file that a thread could be started from.
  const built = import.meta.url.endsWith('.js');
  const large = !byPrompt && most * units * 4 >= worthAThread;
  const threaded =
    !reading && large && built && availableParallelism() > 1 ? await createThreadedWriter(recording) : undefined;
  const writer = threaded ?? (await createSlabWriter(recording));
  const { half } = subject;
  const { batch, steps } = request;
  const ownThread = threaded !== undefined;
  const endTokens = endTokensOf(subject, { keep, afterEnd, stopAtEnd });
  const { tokenizer, name } = subject;
  const template = tokenizer && presentedTemplate(request, { tokenizer, name });
  const sink: StepSink & { drain?(): Promise<void> } = byPrompt
    ? createMomentSink(writer, { set: moments, subject, newTokens, endTokens })
    : createSlabSink(writer, {
        ...{ batch, steps, order: 'prompt', newTokens, stopTokens: endTokens },
        ...{ columns, half, ownThread, room },
      });
  return {
    writer,
    place: sink.place,
    sums: sink.sums,
    async finish(generation) {
      await sink.drain?.();
      const written = await writer.finish();
      const tokensFile = join(target, 'tokens.parquet');
      const tokens = tokenRows(generation, subject.tokenizer, reading ? [] : subject.endTokens);
      await tokenTable.write(tokensFile, tokens);
      const arrays = Object.fromEntries(placed.files.map(({ name }, f) => [name, written[f]]));
      const outputs = { ...arrays, 'tokens.parquet': await describeOutput(tokensFile) };
      // The store and other studies have the same bytes under other names: to edit one would be to edit all.
      await Promise.all(Object.keys(outputs).map((name) => forbidWriting(join(target, name))));
      return {
        outputs,
        facts: {
          prompts: presented.length,
          rows: tokens.length,
          afterEnd: tokens.filter(({ after_end }) => after_end).length,
          unreachable: subject.tokenizer ? unreachableTokens(subject.tokenizer, subject.vocabularySize) : [],
          units,
          sites: subject.sites.length,
          layers: [...new Set(subject.sites.map(({ layer }) => layer))],
          storage,
          onnxruntime: onnxruntimeVersion(),
          ...(byPrompt && { keep, moments }),
          ...(template !== undefined && { template }),
        },
      };
    },
    async abandon() {
      await writer.abandon();
      await rm(target, { recursive: true, force: true }).catch(() => undefined);
    },
  };
}
