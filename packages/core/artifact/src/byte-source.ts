import { Failure, openRegularFile } from '@galvani/terminal';

/** Bytes by range, of a file on disk or of one that a server holds. */
export interface ByteSource {
  /** What the person knows it by, for messages. */
  path: string;
  /** Bytes when it was opened. */
  size: number;
  /** `length` bytes from `start` on, in a buffer of their own; both lie within `size`. */
  read(start: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** @throws UserMistake if there is no regular file at the path */
export async function openFile(path: string): Promise<ByteSource> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    return {
      path,
      size,
      async read(start, length) {
        const bytes = Buffer.allocUnsafeSlow(length);
        for (let at = 0; at < length; ) {
          const { bytesRead } = await file.read(bytes, at, length - at, start + at);
          if (bytesRead === 0) throw new Failure(`${path} ended while it was read.`);
          at += bytesRead;
        }
        return new Uint8Array(bytes.buffer, bytes.byteOffset, length) as Uint8Array<ArrayBuffer>;
      },
      close: () => file.close().catch(() => undefined),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** What a reader of tables or recordings is given: a path on this machine, or bytes from elsewhere, which it closes. */
export type Source = string | ByteSource;

/** What the person knows it by. */
export const pathOf = (source: Source): string => (typeof source === 'string' ? source : source.path);

export async function openSource(source: Source): Promise<ByteSource> {
  return typeof source === 'string' ? openFile(source) : source;
}

/**
 * Reads bytes that a file refers to.
 * @throws Failure if the file ends before them, without allocating anything
 */
export async function readRange(source: ByteSource, start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const { path, size } = source;
  if (!(start >= 0 && length >= 0 && start + length <= size))
    throw new Failure(`${path} is damaged or cut short: it has ${size} bytes, and refers to byte ${start + length}.`);
  return source.read(start, length);
}
