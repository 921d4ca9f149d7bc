import { Readable } from 'node:stream';
import { UserMistake } from '@galvani/terminal';
import yauzl from 'yauzl';
import type { Ranged } from './ranged-file.js';

/** An entry of a zip archive, read by ranges where it is stored uncompressed. */
export interface ZipEntry extends Ranged {
  /** As the archive spells it, with slashes. */
  name: string;
}

/** A compressed entry is inflated as a whole: up to this many bytes, and this many times its own size if it is large. */
const limits = { inflated: 2 ** 31, ratio: 50, small: 16 << 20, entries: 1_000_000 };

/**
 * The entries of a zip archive. Refused: names that leave the archive (`..`, absolute), names that stand twice, entries
 * that share bytes (how small bombs become large), encryption, and compressed entries that grow out of proportion.
 */
export async function openZip(file: Ranged): Promise<Map<string, ZipEntry>> {
  const wrong = (why: string, cause?: unknown) =>
    new UserMistake(`${file.path} is not a zip archive that can be read: ${why.replace(/\.$/, '')}.`, { cause });
  try {
    const zip = await yauzl.fromRandomAccessReaderPromise(new BoundedReader(file), file.size, {
      lazyEntries: true,
      autoClose: false,
    });
    if (zip.entryCount > limits.entries) throw wrong(`it has ${zip.entryCount} entries`);
    const entries = new Map<string, ZipEntry>();
    const spans: { name: string; start: number; end: number }[] = [];
    for await (const entry of zip.eachEntry()) {
      const { fileName: name, compressedSize, uncompressedSize: size, compressionMethod: method } = entry;
      const the = `the entry ${JSON.stringify(name.slice(0, 200))}`;
      if (name.endsWith('/')) continue;
      if (entries.has(name)) throw wrong(`${the} stands twice`);
      if (entry.isEncrypted()) throw wrong(`${the} is encrypted`);
      if (method !== 0 && method !== 8) throw wrong(`${the} is compressed by method ${method}, and 0 and 8 are read`);
      if (size > limits.inflated && method === 8) throw wrong(`${the} claims ${size} bytes, too many to decompress`);
      if (method === 8 && size > limits.small && size > limits.ratio * compressedSize)
        throw wrong(`${the} would grow from ${compressedSize} to ${size} bytes, as no weights do`);
      const { fileDataStart: start } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
      if (start + compressedSize > file.size) throw wrong(`${the} goes beyond the end of the file`);
      spans.push({ name, start: entry.relativeOffsetOfLocalHeader, end: start + compressedSize });
      const path = `${file.path} (${name})`;
      entries.set(name, {
        name,
        path,
        size,
        ...(method === 0 && file.file ? { file: { path: file.file.path, offset: file.file.offset + start } } : {}),
        read: method === 0 ? (position, into) => file.read(start + position, into) : inflated(zip, entry, path),
      });
    }
    spans.sort((a, b) => a.start - b.start);
    for (let i = 1; i < spans.length; i++)
      if (spans[i].start < spans[i - 1].end)
        throw wrong(`the entries ${JSON.stringify(spans[i - 1].name)} and ${JSON.stringify(spans[i].name)} overlap`);
    return entries;
  } catch (error) {
    if (error instanceof UserMistake) throw error;
    throw wrong((error as Error).message, error);
  }
}

/**
 * The file as yauzl reads it. Its own reader passes offsets on as they stand in the archive, and Node throws at those beyond
 * 2^53 where nobody can catch it; here they are errors like others.
 */
class BoundedReader extends yauzl.RandomAccessReader {
  constructor(private readonly file: Ranged) {
    super();
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, done: (error: Error | null) => void) {
    this.fill(buffer.subarray(offset, offset + length), position).then(() => done(null), done);
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const fill = this.fill.bind(this);
    return Readable.from(
      (async function* () {
        for (let at = start; at < end; at += 1 << 16) {
          const chunk = Buffer.alloc(Math.min(1 << 16, end - at));
          await fill(chunk, at);
          yield chunk;
        }
      })(),
    );
  }

  override close(done: (error: Error | null) => void) {
    done(null);
  }

  private async fill(into: Uint8Array, position: number): Promise<void> {
    if (!(position >= 0 && position + into.length <= this.file.size)) throw new Error('it points beyond its end');
    await this.file.read(position, into);
  }
}

/** Reads ranges of a compressed entry; what was inflated is kept as long as memory allows. */
function inflated(zip: yauzl.ZipFile, entry: yauzl.Entry, path: string): Ranged['read'] {
  let kept: WeakRef<Buffer> | undefined;
  return async (position, into) => {
    let whole = kept?.deref();
    if (!whole) {
      whole = Buffer.alloc(entry.uncompressedSize);
      let at = 0;
      try {
        for await (const chunk of await zip.openReadStreamPromise(entry)) {
          (chunk as Buffer).copy(whole, at);
          at += (chunk as Buffer).length;
        }
      } catch (cause) {
        throw new UserMistake(`${path} cannot be decompressed: ${(cause as Error).message}.`, { cause });
      }
      kept = new WeakRef(whole);
    }
    into.set(whole.subarray(position, position + into.byteLength));
  };
}
