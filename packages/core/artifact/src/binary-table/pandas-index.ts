import { Failure } from '@galvani/terminal';

/**
 * Names of the columns in which pandas kept the index of a frame.
 * Source: https://pandas.pydata.org/docs/development/developer.html
 *
 * @param metadata the file's metadata `pandas`, if it has any
 * @throws Failure if it cannot be read, since an index might then be taken for data
 */
export function pandasIndex(metadata: string | undefined, names: readonly string[], path: string): Set<string> {
  // Other programs copy the column and drop the metadata; the name is pandas' own.
  const index = new Set(names.filter((name) => /^__index_level_\d+__$/.test(name)));
  if (metadata === undefined) return index;
  try {
    const { index_columns } = JSON.parse(metadata) as { index_columns: unknown[] };
    // Ranges are objects, and have no column.
    for (const each of index_columns) if (typeof each === 'string') index.add(each);
    return index;
  } catch (cause) {
    throw new Failure(
      `${path}: the metadata 'pandas' cannot be read, so that the index of the frame is unknown. Write it again with index=False.`,
      { cause },
    );
  }
}
