import { writeFileSync } from 'node:fs';
import type { Writable } from 'node:stream';

export type GuardedStream = Writable & { _type?: string; fd?: number };

/** Streams whose reader went away. */
const torn = new WeakSet<GuardedStream>();
const guarded = new WeakSet<GuardedStream>();

/** Keeps an error of standard output or standard error from ending the process, whoever writes there. */
export function guardOutput(): void {
  for (const stream of [process.stdout, process.stderr] as GuardedStream[]) {
    if (guarded.has(stream)) continue;
    guarded.add(stream);
    stream.on('error', (error) => {
      if (isTorn(error)) torn.add(stream);
    });
  }
}

/** Writes text. Returns why that failed; undefined where it did not, and where the reader was known to have gone away. */
export function writeGuarded(stream: GuardedStream, text: string): Promise<Error | undefined> {
  guardOutput();
  if (torn.has(stream)) return Promise.resolve(undefined);
  // Node's stream for regular files takes a short write, which a disk that is almost full answers with, for a whole one.
  if (stream._type === 'fs' && stream.fd !== undefined) return Promise.resolve(writeWholly(stream.fd, text));
  return new Promise((resolve) => {
    stream.write(text, (error) => resolve(error ?? undefined));
  });
}

function writeWholly(fd: number, text: string): Error | undefined {
  try {
    writeFileSync(fd, text);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Whether an error says that the reader went away. */
export function isTorn(error: Error): boolean {
  return ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'].includes((error as NodeJS.ErrnoException).code ?? '');
}
