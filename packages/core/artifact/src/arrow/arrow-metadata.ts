import { type MessageHeader, type MetadataVersion, Schema } from 'apache-arrow';
import { DictionaryBatch as FbDictionaryBatch } from 'apache-arrow/fb/dictionary-batch';
import { Endianness } from 'apache-arrow/fb/endianness';
import { Footer as FbFooter } from 'apache-arrow/fb/footer';
import { Message as FbMessage } from 'apache-arrow/fb/message';
import { MessageHeader as Header } from 'apache-arrow/fb/message-header';
import { RecordBatch as FbRecordBatch } from 'apache-arrow/fb/record-batch';
import { Schema as FbSchema } from 'apache-arrow/fb/schema';
import { DictionaryBatch, RecordBatch } from 'apache-arrow/ipc/metadata/message';
import { CheckedBuffer } from './checked-buffer.js';

/** A message's place in a file. */
export interface Block {
  /** Of the mark and length before the metadata. */
  start: number;
  metadataLength: number;
  bodyStart: number;
  bodyLength: number;
}

/** What a message's metadata says. */
export type ArrowMessage = { version: MetadataVersion; bodyLength: number } & (
  | { kind: 'schema'; schema: Schema }
  | { kind: 'batch'; batch: RecordBatch }
  | { kind: 'dictionary'; dictionary: DictionaryBatch }
);

/** Decodes the metadata of a message. @throws Error if it is damaged */
export function decodeMessage(bytes: Uint8Array): ArrowMessage {
  const message = FbMessage.getRootAsMessage(new CheckedBuffer(bytes));
  const version = message.version() as number as MetadataVersion;
  const bodyLength = Number(message.bodyLength());
  if (!(Number.isSafeInteger(bodyLength) && bodyLength >= 0)) throw new Error(`a body of ${bodyLength} bytes`);
  const common = { version, bodyLength };
  const type = message.headerType() as number as MessageHeader;
  const header = <T>(empty: T): T => {
    const found = message.header(empty) as T | null;
    if (found === null) throw new Error('a message without a header');
    return found;
  };
  if (type === (Header.Schema as number))
    return { ...common, kind: 'schema', schema: decodeSchema(header(new FbSchema()), version) };
  if (type === (Header.RecordBatch as number))
    return { ...common, kind: 'batch', batch: RecordBatch.decode(header(new FbRecordBatch()), version) };
  if (type === (Header.DictionaryBatch as number))
    return {
      ...common,
      kind: 'dictionary',
      dictionary: DictionaryBatch.decode(header(new FbDictionaryBatch()), version),
    };
  throw new Error(`a message of kind ${type}`);
}

/** What the footer of a file says. */
export interface ArrowFooter {
  schema: Schema;
  batches: { offset: number; metadataLength: number; bodyLength: number }[];
  dictionaries: ArrowFooter['batches'];
}

/** Decodes the footer of a file. @throws Error if it is damaged */
export function decodeFooter(bytes: Uint8Array): ArrowFooter {
  const footer = FbFooter.getRootAsFooter(new CheckedBuffer(bytes));
  const schema = footer.schema();
  if (schema === null) throw new Error('a footer without a schema');
  const blocks = (count: number, at: (i: number) => ReturnType<typeof footer.recordBatches>) =>
    Array.from({ length: count }, (_, i) => {
      const block = at(i);
      if (block === null) throw new Error('a footer without its blocks');
      return {
        offset: Number(block.offset()),
        metadataLength: block.metaDataLength(),
        bodyLength: Number(block.bodyLength()),
      };
    });
  return {
    schema: decodeSchema(schema, footer.version() as number as MetadataVersion),
    batches: blocks(footer.recordBatchesLength(), (i) => footer.recordBatches(i)),
    dictionaries: blocks(footer.dictionariesLength(), (i) => footer.dictionaries(i)),
  };
}

function decodeSchema(schema: FbSchema, version: MetadataVersion): Schema {
  if (schema.endianness() !== Endianness.Little) throw new Error('big-endian numbers');
  return Schema.decode(schema, new Map(), version);
}
