import { Failure } from '@galvani/terminal';
import { arrowTable } from '../arrow/open-arrow.js';
import { openSource, readRange, type Source } from '../byte-source.js';
import { openParquet } from '../parquet/parquet-file.js';
import { type BinaryTable, requireUniqueNames } from './column.js';

/**
 * Opens Parquet, or an Arrow IPC file or stream (Feather 2), whatever it is called; its first bytes say which.
 *
 * @throws Failure if it is neither, is damaged, or has two columns of one name; UserMistake if it is missing or no regular file
 */
export async function openBinaryTable(from: Source): Promise<BinaryTable> {
  const source = await openSource(from);
  const { path, size } = source;
  try {
    if (size === 0) throw new Failure(`${path} is empty.`);
    const start = Buffer.from(await readRange(source, 0, Math.min(4, size))).toString('latin1');
    const parquet = /^PAR[1E]/.test(start) || /\.(parquet|pq)$/i.test(path);
    const table = parquet ? await openParquet(source) : await arrowTable(source);
    requireUniqueNames(path, table.columns);
    return table;
  } catch (error) {
    await source.close();
    throw error;
  }
}
