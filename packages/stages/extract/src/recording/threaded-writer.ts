import { Worker } from 'node:worker_threads';
import { beginsPage } from '@galvani/artifact';
import { codeDigest } from '@galvani/code';
import { Failure } from '@galvani/terminal';
import type { Slab } from './slab.js';
import type { RecordingFiles, SlabWriter, WrittenFiles } from './slab-writer.js';

/** What the thread is asked to do with one of its writers, which `open` makes. */
export type WriterRequest = { writer: number } & (
  | { kind: 'open'; files: RecordingFiles }
  /** `inPages`: the buffers of the slab that are memory in pages. */
  | { kind: 'write'; slab: Slab; inPages: ArrayBufferLike[] }
  | { kind: 'finish' }
  | { kind: 'abandon' }
);

/** What it is told, and which reply is its. */
export interface WriterOrder {
  ticket: number;
  request: WriterRequest;
}

export interface WriterReply {
  ticket: number;
  written?: WrittenFiles;
  error?: DescribedError;
}

/** The first word of the thread: the digest of the code that it runs. */
export interface WriterThreadReady {
  code: string;
}

/** An error as it passes between threads, which keep no class and no code. */
export interface DescribedError {
  name: string;
  message: string;
  code?: string;
  stack?: string;
}

export function describeError(error: unknown): DescribedError {
  const { name, message, stack, code } = error as NodeJS.ErrnoException;
  return { name, message, stack, code };
}

function restoreError({ name, message, code, stack }: DescribedError): Error {
  if (name === 'Failure') return new Failure(message);
  return Object.assign(new Error(message), { code, stack });
}

/** A thread that writes for all recordings of this process: to start one takes as long as to write a run. */
interface WriterThread {
  /** Digest of the code that it runs. */
  code: string;
  ask(request: WriterRequest): Promise<WriterReply>;
}

let running: Promise<WriterThread | undefined> | undefined;
let writers = 0;

/** The process does not wait for it, unless somebody waits for a reply. */
async function startThread(): Promise<WriterThread | undefined> {
  const worker = new Worker(new URL('./writer-thread.js', import.meta.url));
  const ready = await new Promise<WriterThreadReady | undefined>((resolve) => {
    worker.once('message', resolve);
    worker.once('error', () => resolve(undefined));
    worker.once('exit', () => resolve(undefined));
  });
  if (!ready) return undefined;
  worker.unref();
  const waiting = new Map<number, { resolve(reply: WriterReply): void; reject(error: Error): void }>();
  let tickets = 0;
  let dead: Error | undefined;
  worker.on('message', (reply: WriterReply) => {
    const { resolve, reject } = waiting.get(reply.ticket)!;
    waiting.delete(reply.ticket);
    if (waiting.size === 0) worker.unref();
    if (reply.error) reject(restoreError(reply.error));
    else resolve(reply);
  });
  const die = (error: Error) => {
    // An error is followed by the end, and by then another thread may run.
    if (dead) return;
    dead = error;
    running = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('error', die);
  worker.on('exit', () => die(new Failure('the thread that writes recordings ended before it was done.')));
  return {
    code: ready.code,
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (dead) return reject(dead);
        const ticket = tickets++;
        if (waiting.size === 0) worker.ref();
        waiting.set(ticket, { resolve, reject });
        worker.postMessage({ ticket, request } satisfies WriterOrder);
      }),
  };
}

/**
 * Writes the slabs of a recording in another thread: onnxruntime's `run` holds the calling thread until it is done, so that
 * checksums, and the disk's next request, would otherwise wait for the model. Undefined if the thread cannot run the code that runs
 * here, since a build has replaced its files.
 *
 * @param code digest of the code that runs here
 */
export async function createThreadedWriter(
  files: RecordingFiles,
  code: string | Promise<string> = codeDigest(),
): Promise<SlabWriter | undefined> {
  running ??= startThread();
  const thread = await running;
  if (thread?.code !== (await code)) return undefined;
  const writer = writers++;
  const opened = thread.ask({ writer, kind: 'open', files });
  // A failure to open is told with the first slab.
  opened.catch(() => undefined);
  return {
    async write(slab) {
      await opened;
      const inPages = new Set(slab.sites.filter(beginsPage).map(({ buffer }) => buffer));
      await thread.ask({ writer, kind: 'write', slab, inPages: [...inPages] });
    },
    async finish() {
      await opened;
      return (await thread.ask({ writer, kind: 'finish' })).written!;
    },
    async abandon() {
      await opened.catch(() => undefined);
      await thread.ask({ writer, kind: 'abandon' }).catch(() => undefined);
    },
  };
}
