import { Failure, UserMistake } from '@galvani/terminal';
import { type Data, type DataType, type MetadataVersion, type Schema, Vector } from 'apache-arrow';
import { type BinaryTable, damaged, requirePlausible } from '../binary-table/column.js';
import { pandasIndex } from '../binary-table/pandas-index.js';
import { type ByteSource, openSource, readRange, type Source } from '../byte-source.js';
import { arrowLayout, messageOf } from './arrow-layout.js';
import type { Block } from './arrow-metadata.js';
import { arrowColumn, columnValues } from './column-values.js';
import { loadColumns } from './record-batch.js';

/** Rows of an Arrow file that lie together. */
export interface ArrowBatch {
  rows: number;
  /** In the order of the schema's fields. Lengths are as the file says; see `columnValues`. */
  columns: Data[];
}

/** An Arrow IPC file or stream being read, a record batch at a time. */
export interface ArrowFileReader {
  schema: Schema;
  /** Record batches in the file. */
  count: number;
  /** Rows of a batch, without reading them. */
  rowsOf(batch: number): Promise<number>;
  batch(batch: number): Promise<ArrowBatch>;
  batches(): AsyncIterable<ArrowBatch>;
  close(): Promise<void>;
}

/** Opens an Arrow IPC file or stream. @throws Failure if it is missing, is neither, or is damaged */
export async function openArrowFile(from: Source): Promise<ArrowFileReader> {
  const source = await openSource(from).catch((cause: Error) => {
    throw cause instanceof UserMistake ? new Failure(cause.message, { cause }) : cause;
  });
  try {
    return await openArrow(source);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The same of a source that is open, which it closes in the end. */
export async function openArrow(source: ByteSource): Promise<ArrowFileReader> {
  const { path } = source;
  const start = Buffer.from(await readRange(source, 0, Math.min(8, source.size))).toString('latin1');
  if (start.startsWith('FEA1'))
    throw new Failure(`${path} is Feather of version 1, which is not read: write it again as version 2 (Arrow IPC).`);
  const layout = await arrowLayout(source).catch((cause: Error) => {
    const unknownType = /^Unrecognized type: "(\w+)"/.exec(cause.message)?.[1];
    if (unknownType !== undefined && unknownType !== 'undefined')
      throw new Failure(
        `${path} has a column of type ${unknownType}, which is not read: write it without that column.`,
        {
          cause,
        },
      );
    throw cause instanceof Failure
      ? cause
      : new Failure(`${path} is not a readable Arrow file (${cause.message}).`, { cause });
  });
  const { schema } = layout;
  const types = schema.fields.map(({ type }) => type as DataType);
  const dictionaries = dictionaryReader(source, schema, layout.dictionaries);
  const load = async (b: number): Promise<ArrowBatch> => {
    const { block, dictionariesBefore } = layout.batches[b];
    const { message, body } = await partOf(source, block);
    if (message.kind !== 'batch') throw new Error('a record batch is something else');
    const known = await dictionaries(dictionariesBefore);
    return { rows: message.batch.length, columns: loadColumns(message.batch, body, types, known, message.version) };
  };
  const guarded = <T>(work: Promise<T>) =>
    work.catch((cause: unknown) => {
      throw damaged(path, cause);
    });
  return {
    schema,
    count: layout.batches.length,
    rowsOf: (b) =>
      guarded(
        messageOf(source, layout.batches[b].block).then((message) => {
          if (message.kind !== 'batch' || !(message.batch.length >= 0))
            throw new Error('a record batch is something else');
          return message.batch.length;
        }),
      ),
    batch: (b) => guarded(load(b)),
    async *batches() {
      for (let b = 0; b < layout.batches.length; b++) yield await guarded(load(b));
    },
    close: () => source.close(),
  };
}

async function partOf(source: ByteSource, block: Block) {
  const message = await messageOf(source, block);
  return { message, body: await readRange(source, block.bodyStart, message.bodyLength) };
}

/**
 * Gives the dictionaries that the first `count` dictionary batches make up. Later batches may replace or lengthen earlier ones,
 * so that going back begins anew.
 */
function dictionaryReader(source: ByteSource, schema: Schema, blocks: readonly Block[]) {
  let known = new Map<number, Vector>();
  let taken = 0;
  return async (count: number): Promise<Map<number, Vector>> => {
    if (count < taken) [known, taken] = [new Map(), 0];
    for (; taken < count; taken++) {
      const { message, body } = await partOf(source, blocks[taken]);
      if (message.kind !== 'dictionary') throw new Error('a dictionary is something else');
      const { id, isDelta, data } = message.dictionary;
      const type = schema.dictionaries.get(id);
      if (type === undefined) throw new Error(`no column has the dictionary ${id}`);
      const found = loadColumns(data, body, [type], known, message.version as MetadataVersion);
      const before = known.get(id);
      known.set(id, new Vector(isDelta && before ? [...before.data, ...found] : found));
    }
    return known;
  };
}

/** An Arrow file as a table. */
export async function arrowTable(source: ByteSource): Promise<BinaryTable> {
  const { path, size } = source;
  const file = await openArrow(source);
  const names = file.schema.fields.map(({ name }) => name);
  const index = pandasIndex(file.schema.metadata.get('pandas'), names, path);
  const batches: number[] = [];
  for (let b = 0; b < file.count; b++) batches.push(await file.rowsOf(b));
  const columns = file.schema.fields.map((field) => arrowColumn(field, index));
  const held = columns.filter(({ kind }) => kind !== 'other').reduce((sum, { width }) => sum + width, 0);
  requirePlausible(path, batches.reduce((sum, rows) => sum + rows, 0) * held, size);
  return {
    path,
    columns,
    batches,
    async read(batch, wanted) {
      const { rows, columns: data } = await file.batch(batch);
      try {
        return wanted.map((c) => columnValues(data[c], rows));
      } catch (cause) {
        throw damaged(path, cause);
      }
    },
    close: file.close,
  };
}
