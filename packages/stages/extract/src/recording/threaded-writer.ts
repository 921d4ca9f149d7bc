import { Worker } from 'node:worker_threads';
import { beginsPage } from '@galvani/artifact';
import { codeDigest } from '@galvani/code';
import { Failure } from '@galvani/terminal';
import type { Slab } from './slab.js';
import type { RecordingFiles, SlabWriter, WrittenFiles } from './slab-writer.js';

export type WriterRequest =
  /** `inPages`: the buffers of the slab that are memory in pages. */
  { kind: 'write'; slab: Slab; inPages: ArrayBufferLike[] } | { kind: 'finish' } | { kind: 'abandon' };

/** What the thread begins with. */
export interface WriterThreadData {
  files: RecordingFiles;
  /** Digest of the code that started it. */
  code: string;
}

export interface WriterReply {
  /** The first word of the thread: whether it runs the same code. */
  ready?: boolean;
  written?: WrittenFiles;
  error?: DescribedError;
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

/**
 * Writes the slabs of a recording in a thread of its own: onnxruntime's `run` holds the calling thread until it is done, so
 * checksums and encoding would otherwise wait for the model and the model for them. Undefined if the thread cannot run the code
 * that runs here, since a build has replaced its files.
 *
 * @param code digest of the code that runs here
 */
export async function createThreadedWriter(
  files: RecordingFiles,
  code: string | Promise<string> = codeDigest(),
): Promise<SlabWriter | undefined> {
  const workerData: WriterThreadData = { files, code: await code };
  const worker = new Worker(new URL('./writer-thread.js', import.meta.url), { workerData });
  const ready = await new Promise<boolean>((resolve) => {
    worker.once('message', (reply: WriterReply) => resolve(reply.ready === true));
    worker.once('error', () => resolve(false));
    worker.once('exit', () => resolve(false));
  });
  if (!ready) {
    await worker.terminate();
    return undefined;
  }
  const waiting: { resolve(reply: WriterReply): void; reject(error: Error): void }[] = [];
  let dead: Error | undefined;
  worker.on('message', (reply: WriterReply) => {
    const { resolve, reject } = waiting.shift()!;
    if (reply.error) reject(restoreError(reply.error));
    else resolve(reply);
  });
  const die = (error: Error) => {
    dead ??= error;
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  worker.on('error', die);
  worker.on('exit', () => die(new Failure('the thread that writes the recording ended before it was done.')));
  const ask = (request: WriterRequest) =>
    new Promise<WriterReply>((resolve, reject) => {
      if (dead) return reject(dead);
      waiting.push({ resolve, reject });
      worker.postMessage(request);
    });
  return {
    async write(slab) {
      const inPages = new Set(slab.sites.filter(beginsPage).map(({ buffer }) => buffer));
      await ask({ kind: 'write', slab, inPages: [...inPages] });
    },
    async finish() {
      const { written } = await ask({ kind: 'finish' });
      await worker.terminate();
      return written!;
    },
    async abandon() {
      if (!dead) await ask({ kind: 'abandon' }).catch(() => undefined);
      await worker.terminate();
    },
  };
}
