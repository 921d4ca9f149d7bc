import { dirname, resolve } from 'node:path';
import { requireEnding, requireWritableFile, type Storage } from '@galvani/artifact';
import { freeBytes } from '@galvani/forecast';
import {
  cannotGenerate,
  type Device,
  describeSubject,
  loadSubject,
  rowInterventions,
  type Sampling,
  type Site,
  type Subject,
} from '@galvani/model';
import { encodePrompts, requireRoom, subjectWarnings } from '@galvani/subject';
import { UserMistake } from '@galvani/terminal';
import { checkForecast } from './disk-forecast.js';
import type { Recordable } from './recording/present-runs.js';
import { columnsOf, record, scalarColumns } from './recording/record.js';
import { slabSize } from './recording/slab-size.js';
import { createSlabWriter } from './recording/slab-writer.js';
import { unitChanges, type WrittenChanges } from './unit-changes.js';

export interface TraceRequest {
  /** A folder in Hugging Face's layout, or an .onnx file. */
  model: string;
  /** Texts to continue; or `inputIds`. */
  prompts?: string[];
  /** Token ids to continue, a list for each prompt; or `prompts`. */
  inputIds?: (Int32Array | number[])[];
  newTokens: number;
  /** The Arrow file to write. */
  out: string;
  /** Globs over site names; default: every site. */
  sites?: { include?: string[]; exclude?: string[] };
  /** What becomes of units, `scale * y + offset`, while every prompt is read and continued. Default: nothing. */
  changes?: WrittenChanges;
  /** Default: greedy. */
  sampling?: Sampling;
  /** Default: float32. */
  storage?: Storage;
  /** Prompts at once. Default: chosen by memory. */
  batch?: number;
  device?: Device;
  threads?: number;
  signal?: AbortSignal;
  onTokens?(count: number): void;
}

/** What a person asks for new tokens with. */
const option = '--new-tokens';

/** A recording in one file. */
export interface Trace {
  /** Generated token ids, prompt by prompt. */
  tokens: Int32Array[];
  /** Of those tokens, in nats. */
  logProbabilities: Float32Array[];
  /** The generated texts; undefined if the model has no tokenizer. */
  texts?: string[];
  sites: Site[];
  rows: number;
  /** Size of the file. */
  bytes: number;
  /** What the person should be told of this ONNX file: that recording changes its logits, which modules have no site. */
  warnings: string[];
}

/**
 * Records the continuation of one or more prompts in one Arrow file: a row per generated token with position, token_id and
 * log_probability (nats), then a FixedSizeList column per site, named by its path. With several prompts a column `prompt` (from 0)
 * comes first, and the rows stand as they were generated: batch by batch, in each all prompts' first token, then all second.
 * @throws UserMistake for what cannot be presented or tapped, Failure for a disk that is too small. The file appears whole or
 * not at all.
 */
export async function trace(request: TraceRequest): Promise<Trace> {
  const { model, newTokens, out, sites: patterns, sampling = { method: 'greedy' }, storage = 'float32' } = request;
  checkRequest(request);
  const path = resolve(out);
  requireEnding(out, 'Arrow');
  await requireWritableFile(path, '.arrow');
  const description = await describeSubject(model, patterns);
  if (description.readOnly) throw new UserMistake(cannotGenerate(description.name, description.readOnly));
  requireRoom(newTokens, description, option);
  const count = (request.prompts ?? request.inputIds ?? []).length;
  const rows = count * newTokens;
  const { unitsPerToken: units, sites } = description;
  checkForecast(
    { runs: 1, tokens: rows, rows, units, sites: sites.length, storage },
    await freeBytes(dirname(path)),
    dirname(path),
  );
  const size = slabSize({ prompts: count, newTokens, units, order: 'generation', batch: request.batch });
  const { prompt, position, token_id, log_probability } = scalarColumns;
  const scalars = count > 1 ? [prompt, position, token_id, log_probability] : [position, token_id, log_probability];
  const files = [{ path, sites: sites.map((_, s) => s) }];
  const writer = await createSlabWriter({
    columns: columnsOf(description),
    files,
    storage,
    scalars,
    checksum: false,
    durable: false,
  });
  let subject: Subject | undefined;
  try {
    const { device, threads } = request;
    // Nobody asks a trace for the model's identity, which takes reading all weights.
    const { changes } = request;
    const interventions = changes && { include: [...new Set(changes.map(({ site }) => site))] };
    const options = { sites: patterns, interventions, device, threads, digest: '', half: storage === 'float16' };
    subject = await loadSubject(model, options);
    request.signal?.throwIfAborted();
    const prompts = await promptTokens(request, subject);
    const { signal, onTokens } = request;
    const generation = await record(
      changes ? changedSubject(subject, changes) : subject,
      { prompts, keys: prompts.map((_, p) => p), newTokens, sampling },
      { ...size, order: 'generation', scalars, signal, onTokens },
      writer,
    );
    const [{ bytes }] = await writer.finish();
    const { tokens, logProbabilities } = generation;
    const { tokenizer } = subject;
    const texts = tokenizer && tokens.map((ids) => tokenizer.decode(ids));
    return { tokens, logProbabilities, texts, sites, rows, bytes, warnings: subjectWarnings(subject) };
  } catch (error) {
    await writer.abandon();
    throw error;
  } finally {
    await subject?.release();
  }
}

function checkRequest({ prompts, inputIds, newTokens }: TraceRequest): void {
  if ((prompts === undefined) === (inputIds === undefined))
    throw new UserMistake('give either a prompt or token ids to continue, not both and not neither.');
  if ((prompts ?? inputIds ?? []).length === 0) throw new UserMistake('there is no prompt to continue.');
  if (!(Number.isInteger(newTokens) && newTokens >= 1))
    throw new UserMistake(`the number of new tokens is ${newTokens}; it has to be a whole number from 1 on.`);
}

async function promptTokens(
  { prompts, inputIds, newTokens, signal }: TraceRequest,
  subject: Subject,
): Promise<Int32Array[]> {
  if (inputIds) return inputIds.map((ids) => Int32Array.from(ids));
  const events = prompts!.map((text, p) => ({ prompt_id: String(p + 1), text }));
  return encodePrompts(events, subject, newTokens, { option, signal });
}

/** The subject with the same changes in every row. */
function changedSubject(subject: Subject, written: WrittenChanges): Recordable {
  const changes = unitChanges(written, subject.intervened);
  return {
    ...subject,
    generate: (request) => {
      const rows = request.prompts.map(() => changes);
      return subject.generate({ ...request, interventions: rowInterventions(subject.intervened, rows) });
    },
  };
}
