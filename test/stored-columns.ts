import { openBinaryTable } from '@galvani/artifact';

/** The columns of a map's file by name, as a table's, which knows nothing of maps. */
export async function storedColumns(path: string): Promise<ReadonlyMap<string, readonly (number | string)[]>> {
  const table = await openBinaryTable(path);
  const read = await table.read(
    0,
    table.columns.map((_, c) => c),
  );
  await table.close();
  return new Map(table.columns.map(({ name }, c) => [name, [...read[c].values] as (number | string)[]]));
}
