import { Failure } from '@galvani/terminal';
import type { Schema } from 'apache-arrow';
import { type ByteSource, readRange } from '../byte-source.js';
import { type ArrowFooter, type ArrowMessage, type Block, decodeFooter, decodeMessage } from './arrow-metadata.js';

/** Where an Arrow file or stream keeps its parts. */
export interface ArrowLayout {
  schema: Schema;
  /** Record batches; each is read with the dictionaries before it. */
  batches: { block: Block; dictionariesBefore: number }[];
  dictionaries: Block[];
}

const magic = 'ARROW1';

/**
 * Finds the parts of an Arrow IPC file or stream, whose lengths are checked against the file before anything is read.
 * Source: https://arrow.apache.org/docs/format/Columnar.html
 *
 * @throws Error if it is neither, or is damaged
 */
export async function arrowLayout(source: ByteSource): Promise<ArrowLayout> {
  const start = await readRange(source, 0, Math.min(8, source.size));
  return textOf(start).startsWith(magic) ? fileLayout(source) : streamLayout(source);
}

async function fileLayout(source: ByteSource): Promise<ArrowLayout> {
  const { size } = source;
  const tail = await readRange(source, Math.max(0, size - 10), Math.min(10, size));
  const length = tail.length < 10 ? -1 : new DataView(tail.buffer, tail.byteOffset).getInt32(0, true);
  if (textOf(tail.subarray(-6)) !== magic || length <= 0 || length > size - 18)
    throw new Error('it does not end as an Arrow file: it is cut short');
  const footer = decodeFooter(await readRange(source, size - 10 - length, length));
  const blocks = [...footer.dictionaries, ...footer.batches];
  // Blocks that overlap would let a small file hold any number of rows.
  const bytes = blocks.reduce((sum, block) => sum + block.metadataLength + block.bodyLength, 0);
  if (!(bytes <= size)) throw new Error('its parts are larger than the file');
  const dictionaries = footer.dictionaries.map((block) => placed(source, block));
  const dictionariesBefore = dictionaries.length;
  const batches = footer.batches.map((block) => ({ block: placed(source, block), dictionariesBefore }));
  return { schema: footer.schema, batches, dictionaries };
}

/** The place of a block. */
function placed(source: ByteSource, block: ArrowFooter['batches'][number]): Block {
  const { offset, metadataLength, bodyLength } = block;
  const bodyStart = offset + metadataLength;
  if (!(offset >= 0 && metadataLength >= 8 && bodyLength >= 0 && bodyStart + bodyLength <= source.size))
    throw new Error('a part lies outside the file');
  return { start: offset, metadataLength, bodyStart, bodyLength };
}

async function streamLayout(source: ByteSource): Promise<ArrowLayout> {
  let schema: Schema | undefined;
  const batches: ArrowLayout['batches'] = [];
  const dictionaries: Block[] = [];
  for (let at = 0; at < source.size; ) {
    const head = await readRange(source, at, Math.min(8, source.size - at));
    const prefix = messagePrefix(head);
    if (prefix.length === 0) {
      await requireNothingAfter(source, at + prefix.bytes);
      break;
    }
    const bodyStart = at + prefix.bytes + prefix.length;
    if (at === 0 && bodyStart > source.size) throw new Error('it does not begin as an Arrow file or stream');
    const message = decodeMessage(await readRange(source, at + prefix.bytes, prefix.length));
    const { bodyLength } = message;
    const block = { start: at, metadataLength: bodyStart - at, bodyStart, bodyLength };
    if (bodyStart + bodyLength > source.size) throw new Error('it is cut short');
    if (message.kind === 'schema') {
      if (schema !== undefined) throw new Error('it has two schemas');
      schema = message.schema;
    } else if (message.kind === 'batch') batches.push({ block, dictionariesBefore: dictionaries.length });
    else dictionaries.push(block);
    if (schema === undefined) throw new Error('it does not begin with a schema');
    at = bodyStart + bodyLength;
  }
  if (schema === undefined) throw new Error('it does not begin as an Arrow file or stream');
  return { schema, batches, dictionaries };
}

/**
 * Zeros pad a stream to whole pages or blocks; anything else may be rows, as where streams were put one after another.
 * @throws Failure if there is something after the mark that ends a stream
 */
async function requireNothingAfter(source: ByteSource, end: number): Promise<void> {
  const piece = 1 << 20;
  for (let at = end; at < source.size; at += piece) {
    const bytes = await readRange(source, at, Math.min(piece, source.size - at));
    const odd = bytes.findIndex((byte) => byte !== 0);
    if (odd >= 0)
      throw new Failure(
        `${source.path}: its Arrow stream ends at byte ${end} of ${source.size}, and more follows, which would go unread (another stream?). Write all rows as one stream, or each stream to a file of its own.`,
      );
  }
}

/** Bytes of a message's mark and length, and that length; writers before Arrow 0.15 set no mark. */
export function messagePrefix(head: Uint8Array): { bytes: number; length: number } {
  if (head.length < 4) throw new Error('it ends inside a message');
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const marked = view.getInt32(0, true) === -1;
  if (marked && head.length < 8) throw new Error('it ends inside a message');
  const length = view.getInt32(marked ? 4 : 0, true);
  if (length < 0) throw new Error('it does not begin as an Arrow file or stream');
  return { bytes: marked ? 8 : 4, length };
}

/** Reads and decodes the metadata of a block. */
export async function messageOf(source: ByteSource, block: Block): Promise<ArrowMessage> {
  const bytes = await readRange(source, block.start, block.metadataLength);
  const prefix = messagePrefix(bytes);
  if (prefix.bytes + prefix.length > bytes.length) throw new Error('a message is longer than its place');
  const message = decodeMessage(bytes.subarray(prefix.bytes, prefix.bytes + prefix.length));
  if (message.bodyLength > block.bodyLength) throw new Error('a body is longer than its place');
  return message;
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
