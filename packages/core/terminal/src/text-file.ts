import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { Failure, UserMistake } from './mistake.js';
import { formatBytes } from './quantity.js';
import { type FileRole, openRegularFile, openRegularFileIfThere } from './regular-file.js';

export interface WholeFile extends FileRole {
  /** Most bytes that are read. Default: 64 MiB, which no config, study or manifest needs. */
  largest?: number;
}

const usual = 64 << 20;

/**
 * Reads a regular file whole.
 * @throws UserMistake if it is missing, is a folder, pipe or device, or holds more than `largest` bytes
 */
export async function readWholeFile(path: string, options: WholeFile = {}): Promise<Buffer> {
  return takeAll(await openRegularFile(path, options), path, options);
}

/** As `readWholeFile`; undefined where nothing is at the path. */
export async function readWholeFileIfThere(path: string, options: WholeFile = {}): Promise<Buffer | undefined> {
  const file = await openRegularFileIfThere(path);
  return file && takeAll(file, path, options);
}

/**
 * Reads a text file whole: UTF-8, with or without a byte order mark, which is dropped.
 * @throws UserMistake as `readWholeFile`, and with line and column where the bytes are not UTF-8
 */
export async function readTextFile(path: string, options: WholeFile = {}): Promise<string> {
  return decodeText(await readWholeFile(path, options), path);
}

/** As `readTextFile`; undefined where nothing is at the path. */
export async function readTextFileIfThere(path: string, options: WholeFile = {}): Promise<string | undefined> {
  const bytes = await readWholeFileIfThere(path, options);
  return bytes && decodeText(bytes, path);
}

/** Reads a JSON file. @throws UserMistake as `readTextFile`, and if the text is not JSON */
export async function readJsonFile(path: string, options: WholeFile = {}): Promise<unknown> {
  return parseJson(await readTextFile(path, options), path);
}

/** As `readJsonFile`; undefined where nothing is at the path. */
export async function readJsonFileIfThere(path: string, options: WholeFile = {}): Promise<unknown> {
  const text = await readTextFileIfThere(path, options);
  return text === undefined ? undefined : parseJson(text, path);
}

/** Text of JSON as a value; `path` is only named in messages. */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // V8 quotes the text around the error, which may be long and of several lines.
    const why = (cause as Error).message.replace(/\s+/g, ' ').slice(0, 200);
    throw new UserMistake(`${path} is not JSON: ${why}.`, { cause });
  }
}

/** Bytes of UTF-8 as text, without a byte order mark; `path` is only named in messages. */
export function decodeText(bytes: Uint8Array, path: string): string {
  if (isUtf8(bytes)) return new TextDecoder('utf-8').decode(bytes);
  const marked = markedEncoding(bytes);
  if (marked) throw new UserMistake(`${path} is ${marked} text: save it as UTF-8.`);
  const { line, column, byte } = firstInvalid(bytes);
  const hex = `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  throw new UserMistake(
    `${path}:${line}:${column}: the byte ${hex} is not UTF-8 (in Windows-1252 it is ${windows1252(byte)}): save the file as UTF-8, which spreadsheets call 'CSV UTF-8'.`,
  );
}

/** The encoding other than UTF-8 that a byte order mark tells. The mark of little-endian UTF-32 begins with that of UTF-16. */
function markedEncoding(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  if (start === 'fffe0000' || start === '0000feff') return 'UTF-32';
  return /^(fffe|feff)/.test(start) ? 'UTF-16' : undefined;
}

async function takeAll(file: FileHandle, path: string, { largest = usual }: WholeFile): Promise<Buffer> {
  const tooLarge = () =>
    new UserMistake(`${path} holds more than ${formatBytes(largest)}, the most that is read of such a file.`);
  try {
    const { size } = await file.stat();
    if (size > largest) throw tooLarge();
    // The size is only a guess: files of /proc say 0, and others grow while they are read.
    const pieces: Buffer[] = [];
    let total = 0;
    for (let next = size + 1; ; next = 1 << 16) {
      const piece = Buffer.allocUnsafe(next);
      const { bytesRead } = await file.read(piece, 0, next, total);
      if (bytesRead === 0) break;
      total += bytesRead;
      if (total > largest) throw tooLarge();
      pieces.push(piece.subarray(0, bytesRead));
    }
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces, total);
  } catch (cause) {
    if (cause instanceof UserMistake) throw cause;
    throw new Failure(`${path} cannot be read: ${(cause as Error).message}.`, { cause });
  } finally {
    await file.close();
  }
}

/** Place of the first byte that UTF-8 does not allow; line and column, in characters, count from 1. */
function firstInvalid(bytes: Uint8Array): { line: number; column: number; byte: number } {
  // No sequence of several bytes holds the byte of a line's end, so that lines are right or wrong each by itself.
  let line = 1;
  let start = 0;
  let end = bytes.indexOf(10);
  while (end !== -1 && isUtf8(bytes.subarray(start, end))) {
    line++;
    start = end + 1;
    end = bytes.indexOf(10, start);
  }
  const wrong = bytes.subarray(start, end === -1 ? bytes.length : end);
  let good = 0;
  let bad = wrong.length;
  while (good < bad) {
    const middle = (good + bad + 1) >> 1;
    if (mayBegin(wrong.subarray(0, middle))) good = middle;
    else bad = middle - 1;
  }
  // What may still go on has to be whole, or its first byte is the wrong one.
  while (good > 0 && !isUtf8(wrong.subarray(0, good))) good--;
  return { line, column: [...new TextDecoder().decode(wrong.subarray(0, good))].length + 1, byte: wrong[good] };
}

/** Node's own decoder of this name is Latin-1, which has no characters from 0x80 to 0x9F. */
function windows1252(byte: number): string {
  const own = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ'[byte - 0x80] ?? String.fromCharCode(byte);
  return own === ' ' ? 'nothing' : own;
}

/** Whether bytes are the beginning of UTF-8 text, the last character being whole or not. */
function mayBegin(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
