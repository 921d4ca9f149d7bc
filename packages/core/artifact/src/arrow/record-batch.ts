import type { Vector as ArrowVector, Data, DataType, MetadataVersion } from 'apache-arrow';
import { CompressionType } from 'apache-arrow/fb/compression-type';
import type { RecordBatch } from 'apache-arrow/ipc/metadata/message';
import { CompressedVectorLoader } from 'apache-arrow/visitor/vectorloader';
import { decodeLz4Frame } from '../compression/lz4.js';
import { decodeZstandard } from '../compression/zstandard.js';

const decoders = new Map([
  [CompressionType.LZ4_FRAME, decodeLz4Frame],
  [CompressionType.ZSTD, decodeZstandard],
]);

/**
 * The columns of a record batch as views of its body, or of what its buffers decompress to.
 *
 * @param body in a buffer of its own
 * @throws Error if a buffer lies outside the body, or a compressed one is damaged
 */
export function loadColumns(
  batch: RecordBatch,
  body: Uint8Array,
  types: readonly DataType[],
  dictionaries: Map<number, ArrowVector>,
  version: MetadataVersion,
): Data[] {
  if (!(batch.length >= 0)) throw new Error(`a batch of ${batch.length} rows`);
  const buffers = batch.buffers.map(({ offset, length }) => {
    if (!(offset >= 0 && length >= 0 && offset + length <= body.length))
      throw new Error('a buffer lies outside its body');
    const buffer = body.subarray(offset, offset + length);
    return offset % 8 === 0 ? buffer : ownBuffer(buffer);
  });
  const chunks = batch.compression === null ? buffers : decompressed(buffers, batch.compression.type, body.length);
  const { nodes, variadicBufferCounts } = batch;
  for (const count of variadicBufferCounts)
    if (!(count >= 0 && count <= buffers.length)) throw new Error('missing buffers');
  const loader = new CompressedVectorLoader(chunks, nodes, batch.buffers, dictionaries, version, variadicBufferCounts);
  return loader.visitMany([...types]) as Data[];
}

function decompressed(buffers: readonly Uint8Array[], codec: CompressionType, bytes: number): Uint8Array[] {
  const decode = decoders.get(codec);
  if (decode === undefined) throw new Error(`compression ${codec}`);
  const lengths = buffers.map((buffer) => {
    if (buffer.length === 0) return -1;
    if (buffer.length < 8) throw new Error('a compressed buffer has no length');
    const length = Number(new DataView(buffer.buffer, buffer.byteOffset).getBigInt64(0, true));
    if (length < -1) throw new Error(`a compressed buffer of ${length} bytes`);
    return length;
  });
  const sum = lengths.reduce((all, length) => all + Math.max(0, length), 0);
  if (!(sum <= Math.max(64 << 20, 2048 * bytes))) throw new Error(`its ${bytes} bytes are said to hold ${sum}`);
  // A length of -1 says that the buffer was left as it is.
  return buffers.map((buffer, i) =>
    lengths[i] === -1
      ? ownBuffer(buffer.subarray(8))
      : lengths[i] === 0
        ? new Uint8Array(0)
        : decode(buffer.subarray(8), lengths[i]),
  );
}

/** Numbers of 8 bytes begin at multiples of 8. */
const ownBuffer = (bytes: Uint8Array) => new Uint8Array(bytes);
