/** The thread that writes: slabs come in, and word that they are written goes back. Started by threaded-writer.ts. */
import { parentPort } from 'node:worker_threads';
import { recognizePages } from '@galvani/artifact';
import { codeDigest } from '@galvani/code';
import { createSlabWriter, type SlabWriter } from './slab-writer.js';
import {
  describeError,
  type WriterOrder,
  type WriterReply,
  type WriterRequest,
  type WriterThreadReady,
} from './threaded-writer.js';

const port = parentPort!;
const writers = new Map<number, SlabWriter>();

async function answer(request: WriterRequest): Promise<Omit<WriterReply, 'ticket'>> {
  if (request.kind === 'open') {
    writers.set(request.writer, await createSlabWriter(request.files));
    return {};
  }
  const writer = writers.get(request.writer);
  if (request.kind === 'write') {
    request.inPages.forEach(recognizePages);
    await writer!.write(request.slab);
    return {};
  }
  const written = request.kind === 'finish' ? await writer!.finish() : undefined;
  if (request.kind === 'abandon') await writer?.abandon();
  writers.delete(request.writer);
  return { written };
}

port.on('message', async ({ ticket, request }: WriterOrder) => {
  const reply = await answer(request).catch((error: unknown) => ({ error: describeError(error) }));
  port.postMessage({ ticket, ...reply } satisfies WriterReply);
});
port.postMessage({ code: await codeDigest() } satisfies WriterThreadReady);
