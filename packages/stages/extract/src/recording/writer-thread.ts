/** The thread that writes: blocks come in, and word that they are written goes back. Started by threaded-writer.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { createBlockWriter, type RecordingFiles } from './block-writer.js';
import { describeError, type WriterReply, type WriterRequest } from './threaded-writer.js';

const port = parentPort!;
const opened = createBlockWriter(workerData as RecordingFiles);
// A failure to open is reported with the first request.
opened.catch(() => {});

async function answer(request: WriterRequest): Promise<WriterReply> {
  try {
    const writer = await opened;
    if (request.kind === 'finish') return { written: await writer.finish() };
    await (request.kind === 'write' ? writer.write(request.block) : writer.abandon());
    return {};
  } catch (error) {
    return { error: describeError(error) };
  }
}

port.on('message', async (request: WriterRequest) => {
  port.postMessage(await answer(request));
});
