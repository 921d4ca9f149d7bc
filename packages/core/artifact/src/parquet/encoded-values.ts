import type { ParquetType } from 'hyparquet';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { byteStreamSplit, readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { readVarInt } from 'hyparquet/src/thrift.js';

/** Values of a page, physical: numbers, big integers, flags or bytes. */
export type PhysicalValues = ArrayLike<number | bigint | boolean | Uint8Array>;

interface Reader {
  view: DataView;
  offset: number;
}

/**
 * Reads `count` values of a page that begins at `offset`. hyparquet's decoders go by the page's own counts, which are checked
 * here first, so that a damaged one can neither run on nor take memory that the page does not account for.
 * Source: https://github.com/apache/parquet-format/blob/master/Encodings.md
 *
 * @param page in a buffer of its own
 * @throws Error if the page does not hold them
 */
export function readValues(
  page: Uint8Array,
  offset: number,
  count: number,
  { encoding, type, length }: { encoding: string; type: ParquetType; length: number | undefined },
): PhysicalValues {
  const reader = { view: viewOf(page), offset };
  const left = page.length - offset;
  if (count === 0) return [];
  if (encoding === 'PLAIN') {
    if (type === 'BYTE_ARRAY') return plainBytes(reader, count);
    need(count * bitsOf(type, length), left);
    return readPlain(reader, type, count, length);
  }
  if (encoding === 'BYTE_STREAM_SPLIT') {
    need(count * bitsOf(type, length), left);
    return byteStreamSplit(reader, count, type, length);
  }
  if (encoding === 'RLE' && type === 'BOOLEAN') return readRuns(reader, count, 1, undefined).map((bit) => bit === 1);
  if (encoding === 'DELTA_BINARY_PACKED' && type === 'INT32') return delta(reader, count, new Int32Array(count));
  if (encoding === 'DELTA_BINARY_PACKED' && type === 'INT64') return delta(reader, count, new BigInt64Array(count));
  if (encoding === 'DELTA_LENGTH_BYTE_ARRAY') return suffixes(reader, count);
  if (encoding === 'DELTA_BYTE_ARRAY') return prefixed(reader, count);
  throw new Error(`${type} in the encoding ${encoding}`);
}

/** Whether values in this encoding are read. */
export function isReadEncoding(encoding: string): boolean {
  return /^(PLAIN|RLE|BYTE_STREAM_SPLIT|(PLAIN|RLE)_DICTIONARY|DELTA_(BINARY_PACKED|LENGTH_BYTE_ARRAY|BYTE_ARRAY))$/.test(
    encoding,
  );
}

/**
 * Reads `count` small integers as runs and packed bits.
 *
 * @param length of the encoded bytes; undefined where they begin with it
 */
export function readRuns(reader: Reader, count: number, width: number, length: number | undefined): number[] {
  const { view } = reader;
  const bytes = length ?? view.getUint32(reader.offset, true);
  const start = reader.offset + (length === undefined ? 4 : 0);
  if (bytes > view.byteLength - start) throw new Error('runs are longer than their page');
  if (width === 0) {
    reader.offset = start + bytes;
    return new Array(count).fill(0);
  }
  if (width > 32) throw new Error(`runs of ${width} bits`);
  checkRuns(view, start, start + bytes, count, width);
  const out: number[] = new Array(count);
  readRleBitPackedHybrid(reader, width, out, length);
  return out;
}

/** @throws Error where runs do not make up `count` values, or reach beyond `end` */
function checkRuns(view: DataView, start: number, end: number, count: number, width: number): void {
  const reader = { view, offset: start };
  for (let seen = 0; seen < count; ) {
    if (reader.offset >= end) throw new Error(`runs hold ${seen} values instead of ${count}`);
    const header = readVarInt(reader) >>> 0;
    const run = header >>> 1;
    if (header & 1) {
      // Some writers end the last group with its last value, others fill up more groups than they need.
      const needed = Math.min(8 * run, run > Math.ceil((count - seen) / 8) ? 8 * run : count - seen);
      if (reader.offset + Math.ceil((needed * width) / 8) > end) throw new Error('packed bits reach beyond their page');
      reader.offset += run * width;
      seen += 8 * run;
    } else {
      if (run > count - seen) throw new Error('a run holds more values than its page');
      reader.offset += Math.ceil(width / 8);
      if (reader.offset > end) throw new Error('a run reaches beyond its page');
      seen += run;
    }
  }
}

function delta<T extends Int32Array | BigInt64Array>(reader: Reader, count: number, out: T): T {
  const header = { ...reader };
  const block = readVarInt(header);
  const miniblocks = readVarInt(header);
  const said = readVarInt(header);
  const perMiniblock = block / miniblocks;
  if (!(block > 0 && block % 128 === 0 && miniblocks > 0 && perMiniblock % 32 === 0) || said !== count)
    throw new Error('deltas begin with sizes that no writer gives them');
  deltaBinaryUnpack(reader, count, out as Int32Array);
  if (reader.offset > reader.view.byteLength) throw new Error('deltas reach beyond their page');
  return out;
}

function plainBytes({ view, offset }: Reader, count: number): Uint8Array[] {
  need(32 * count, view.byteLength - offset);
  const out: Uint8Array[] = [];
  let at = offset;
  for (let i = 0; i < count; i++) {
    const length = view.getUint32(at, true);
    out.push(bytesAt(view, at + 4, length));
    at += 4 + length;
  }
  return out;
}

function suffixes(reader: Reader, count: number): Uint8Array[] {
  const lengths = delta(reader, count, new Int32Array(count));
  const out: Uint8Array[] = [];
  for (const length of lengths) {
    out.push(bytesAt(reader.view, reader.offset, length));
    reader.offset += length;
  }
  return out;
}

/** Bytes that values may share with those before them, beyond what a page may reasonably repeat. */
const mostShared = 64 << 20;

function prefixed(reader: Reader, count: number): Uint8Array[] {
  const prefixes = delta(reader, count, new Int32Array(count));
  const out: Uint8Array[] = [];
  let shared = 0;
  let before = new Uint8Array(0);
  for (const [i, suffix] of suffixes(reader, count).entries()) {
    const prefix = prefixes[i];
    shared += prefix;
    if (prefix < 0 || prefix > before.length || shared > mostShared)
      throw new Error('a value shares more with the one before it than there is');
    const value = new Uint8Array(prefix + suffix.length);
    value.set(before.subarray(0, prefix));
    value.set(suffix, prefix);
    out.push(value);
    before = value;
  }
  return out;
}

function bytesAt(view: DataView, at: number, length: number): Uint8Array {
  if (length < 0 || at + length > view.byteLength) throw new Error('a value reaches beyond its page');
  return new Uint8Array(view.buffer, view.byteOffset + at, length);
}

function need(bits: number, bytes: number): void {
  if (Math.ceil(bits / 8) > bytes) throw new Error('a page is shorter than its values');
}

function bitsOf(type: ParquetType, length: number | undefined): number {
  if (type === 'FIXED_LEN_BYTE_ARRAY') {
    if (!length || length < 0) throw new Error('values of fixed length have none');
    return 8 * length;
  }
  return { BOOLEAN: 1, INT32: 32, INT64: 64, INT96: 96, FLOAT: 32, DOUBLE: 64, BYTE_ARRAY: 32 }[type];
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
