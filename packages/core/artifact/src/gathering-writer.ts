import { Message, MessageHeader, type RecordBatch, RecordBatchFileWriter, type Vector } from 'apache-arrow';
import { CompressionType } from 'apache-arrow/fb/compression-type';
import { FileBlock } from 'apache-arrow/ipc/metadata/file';
import { BufferRegion } from 'apache-arrow/ipc/metadata/message';
import { encodeLz4Frame } from './compression/encode-lz4.js';
import { pageBytes } from './direct-io/page-memory.js';

/** The encoded message that stands before the body of every record batch of the same schema and shape. */
export interface BatchMessage {
  bytes: Uint8Array;
  bodyLength: number;
}

/**
 * Arrow's file writer with some differences. The caller takes its pieces, all at once, instead of reading its stream. And
 * where batches are large each of their buffers begins a page of the file, so that the disk can be written from the buffer
 * itself: Arrow's format leaves the places of buffers to the writer, and its readers go by what the message says. With
 * `compressionType` LZ4_FRAME buffers that LZ4 makes smaller by a tenth are compressed, each alone.
 */
export class GatheringWriter extends RecordBatchFileWriter {
  private pieces: Uint8Array[] = [];
  private lastMessage: BatchMessage = { bytes: zeros, bodyLength: 0 };

  /** What was written since the last call. */
  take(): Uint8Array[] {
    return this.pieces.splice(0);
  }

  /** Lists the record batches in another order in the footer, which is what readers of a file go by. */
  reorder(order: readonly number[]): void {
    this._recordBatchBlocks = order.map((i) => this._recordBatchBlocks[i]);
  }

  /** Writes a record batch, and returns its message. */
  writeBatch(batch: RecordBatch): BatchMessage {
    this.write(batch);
    return this.lastMessage;
  }

  /** Writes a record batch of the shape of an earlier one from its buffers. */
  writeLike(message: BatchMessage, buffers: readonly ArrayBufferView[]): void {
    this.writeBatchMessage(message);
    this._writeBodyBuffers(buffers);
  }

  protected override _write(chunk: ArrayBufferView): this {
    if (!this._started || chunk.byteLength === 0) return this;
    this.pieces.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this._position += chunk.byteLength;
    return this;
  }

  protected override _assembleRecordBatch(batch: RecordBatch | Vector) {
    const assembled = super._assembleRecordBatch(batch);
    const { starts, bodyLength } = layOut(assembled.buffers);
    for (const [i, region] of assembled.bufferRegions.entries()) region.offset = starts[i];
    return { ...assembled, byteLength: bodyLength };
  }

  protected override _compressBodyBuffers(given: ArrayBufferView[]) {
    const buffers = given.map(compressed);
    const { bodyLength } = place(buffers, 8);
    // Where they begin is settled by who calls this.
    return { byteLength: bodyLength, buffers, bufferRegions: buffers.map(({ length }) => new BufferRegion(0, length)) };
  }

  protected override _writeMessage<T extends MessageHeader>(message: Message<T>): this {
    if (message.headerType !== MessageHeader.RecordBatch) return super._writeMessage(message);
    this.lastMessage = { bytes: Message.encode(message), bodyLength: message.bodyLength };
    return this.writeBatchMessage(this.lastMessage);
  }

  protected override _writeBodyBuffers(buffers: readonly ArrayBufferView[]): this {
    const { starts, bodyLength } = layOut(buffers);
    const body = this._position;
    for (const [i, buffer] of buffers.entries()) {
      this.pad(body + starts[i]);
      this._write(buffer);
    }
    return this.pad(body + bodyLength);
  }

  /** Zeros after the message bring a body of whole pages to the border of one. */
  private writeBatchMessage({ bytes, bodyLength }: BatchMessage): this {
    const start = this._position;
    const body = upTo(start + prefix + bytes.length, bodyLength % pageBytes === 0 ? pageBytes : 8);
    this._recordBatchBlocks.push(new FileBlock(body - start, bodyLength, start));
    this._write(Int32Array.of(-1, body - start - prefix));
    this._write(bytes);
    return this.pad(body);
  }

  private pad(to: number): this {
    return this._write(zeros.subarray(0, to - this._position));
  }
}

/** A buffer as compressed bodies hold it: its length and an LZ4 frame, or -1 and the buffer itself. */
function compressed({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  if (byteLength === 0) return new Uint8Array(0);
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const frame = encodeLz4Frame(bytes);
  const smaller = frame.length < 0.9 * byteLength;
  const kept = smaller ? frame : bytes;
  const out = new Uint8Array(8 + kept.length);
  new DataView(out.buffer).setBigInt64(0, smaller ? BigInt(byteLength) : -1n, true);
  out.set(kept, 8);
  return out;
}

export const lz4 = { compressionType: CompressionType.LZ4_FRAME };

const zeros = new Uint8Array(pageBytes);
/** Bytes of a message's mark and length. */
const prefix = 8;
/** How many times larger a body may become for its buffers to begin pages. */
export const mostGrowth = 65 / 64;

const upTo = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;

/** Where each buffer of a body begins: at whole pages, or, where that would add much, as closely as Arrow allows. */
function layOut(buffers: readonly ArrayBufferView[]): { starts: number[]; bodyLength: number } {
  const packed = place(buffers, 8);
  const paged = place(buffers, pageBytes);
  return paged.bodyLength <= packed.bodyLength * mostGrowth ? paged : packed;
}

function place(buffers: readonly ArrayBufferView[], multiple: number): { starts: number[]; bodyLength: number } {
  let bodyLength = 0;
  const starts = buffers.map(({ byteLength }) => {
    const start = bodyLength;
    bodyLength += upTo(byteLength, multiple);
    return start;
  });
  return { starts, bodyLength };
}
