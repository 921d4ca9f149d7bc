import { Failure, openRegularFile } from '@galvani/terminal';
import { arrowTable } from '../arrow/open-arrow.js';
import { openParquet } from '../parquet/parquet-file.js';
import { type BinaryTable, requireUniqueNames } from './column.js';
import { readRange } from './read-range.js';

/**
 * Opens Parquet, or an Arrow IPC file or stream (Feather 2), whatever it is called; its first bytes say which.
 *
 * @throws Failure if it is neither, is damaged, or has two columns of one name; UserMistake if it is missing or no regular file
 */
export async function openBinaryTable(path: string): Promise<BinaryTable> {
  const file = await openRegularFile(path);
  try {
    const sized = { path, file, size: (await file.stat()).size };
    if (sized.size === 0) throw new Failure(`${path} is empty.`);
    const start = Buffer.from(await readRange(sized, 0, Math.min(4, sized.size))).toString('latin1');
    const parquet = /^PAR[1E]/.test(start) || /\.(parquet|pq)$/i.test(path);
    const table = parquet ? await openParquet(sized) : await arrowTable(sized);
    requireUniqueNames(path, table.columns);
    return table;
  } catch (error) {
    await file.close();
    throw error;
  }
}
