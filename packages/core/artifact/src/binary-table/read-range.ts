import type { FileHandle } from 'node:fs/promises';
import { Failure } from '@galvani/terminal';

/** An open file and its size when it was opened. */
export interface SizedFile {
  path: string;
  file: FileHandle;
  size: number;
}

/**
 * Reads bytes of a file, in a buffer of their own.
 * @throws Failure if the file ends before them, without allocating anything
 */
export async function readRange(
  { file, size, path }: SizedFile,
  start: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!(start >= 0 && length >= 0 && start + length <= size))
    throw new Failure(`${path} is damaged or cut short: it has ${size} bytes, and refers to byte ${start + length}.`);
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, length - at, start + at);
    if (bytesRead === 0) throw new Failure(`${path} ended while it was read.`);
    at += bytesRead;
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, length) as Uint8Array<ArrayBuffer>;
}
