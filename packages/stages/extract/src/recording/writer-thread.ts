/** The thread that writes: slabs come in, and word that they are written goes back. Started by threaded-writer.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { recognizePages } from '@galvani/artifact';
import { codeDigest } from '@galvani/code';
import { createSlabWriter } from './slab-writer.js';
import { describeError, type WriterReply, type WriterRequest, type WriterThreadData } from './threaded-writer.js';

const port = parentPort!;
const { files, code } = workerData as WriterThreadData;
const same = (await codeDigest().catch(() => undefined)) === code;
const opened = same ? createSlabWriter(files) : Promise.reject(new Error('this thread runs other code'));
// A failure to open is reported with the first request.
opened.catch(() => {});

async function answer(request: WriterRequest): Promise<WriterReply> {
  try {
    const writer = await opened;
    if (request.kind === 'finish') return { written: await writer.finish() };
    if (request.kind === 'write') {
      request.inPages.forEach(recognizePages);
      await writer.write(request.slab);
    } else await writer.abandon();
    return {};
  } catch (error) {
    return { error: describeError(error) };
  }
}

port.on('message', async (request: WriterRequest) => {
  port.postMessage(await answer(request));
});
port.postMessage({ ready: same } satisfies WriterReply);
