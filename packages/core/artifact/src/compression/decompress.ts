import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { decodeLz4Block, decodeLz4Frame, lz4Magic } from './lz4.js';
import { decodeSnappy } from './snappy.js';
import { decodeZstandard } from './zstandard.js';

/** Compressions of Parquet pages, as Parquet calls them. */
const decoders: Partial<Record<string, (bytes: Uint8Array, length: number) => Uint8Array>> = {
  UNCOMPRESSED: (bytes) => bytes,
  SNAPPY: decodeSnappy,
  GZIP: (bytes, length) => gunzipSync(bytes, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (bytes, length) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, length) }),
  ZSTD: decodeZstandard,
  LZ4_RAW: lz4Block,
  LZ4: lz4Hadoop,
};

/** Whether pages in this compression are read. */
export const isReadCompression = (codec: string): boolean => decoders[codec] !== undefined;

/**
 * Decompresses a page of Parquet.
 *
 * @param length of what comes out, in bytes
 * @throws Error if the bytes are damaged or hold another number of bytes
 */
export function decompressPage(codec: string, bytes: Uint8Array, length: number): Uint8Array {
  if (length === 0) return new Uint8Array(0);
  const page = decoders[codec]?.(bytes, length);
  if (page?.length !== length) throw new Error(`a page holds ${page?.length} bytes instead of ${length}`);
  return page;
}

function lz4Block(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  if (decodeLz4Block(bytes, out) !== length) throw new Error('an LZ4 block is too short');
  return out;
}

/**
 * What Parquet's codec LZ4 means was never said: Hadoop writes blocks behind their lengths, early Arrow a frame, others a block.
 * Source: https://github.com/apache/parquet-format/blob/master/Compression.md
 */
function lz4Hadoop(bytes: Uint8Array, length: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 4 && view.getUint32(0, true) === lz4Magic) return decodeLz4Frame(bytes, length);
  const out = new Uint8Array(length);
  try {
    let end = 0;
    for (let i = 0; i < bytes.length; ) {
      const [most, size] = [view.getUint32(i), view.getUint32(i + 4)];
      if (size > bytes.length - i - 8 || decodeLz4Block(bytes.subarray(i + 8, i + 8 + size), out, end) !== end + most)
        throw new Error('not blocks of Hadoop');
      i += 8 + size;
      end += most;
    }
    if (end === length) return out;
  } catch {
    // A plain block, then.
  }
  return lz4Block(bytes, length);
}
