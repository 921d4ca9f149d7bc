import { type ActivationReader, openActivationFile, readUnits } from '@galvani/artifact';
import { Failure } from '@galvani/terminal';
import { wholeColumn } from './whole-column.js';

/** Most units that have a column each; beyond it the whole site is kept, in one. */
export const mostColumns = 256;

/** The column of a unit that is kept without its site. */
export const unitColumn = (site: string, unit: number) => `${site}.${unit}`;

/**
 * Units of a replayed site at every row, [rows x units]. The file says by its columns' names whether it holds the whole site or which of its
 * units, so that it may be replaced by one that holds more while others read.
 *
 * @param units default: all of the site
 * @throws Failure where the file does not hold them
 */
export async function replayedRows(path: string, site: string, units?: readonly number[]): Promise<Float32Array> {
  const reader = await openActivationFile(path);
  const single = units && reader.columns.every((column) => column.site !== site);
  if (single) return joined(await columnsOf(reader, site, units));
  await reader.close();
  return rowsOfUnits(path, site, units);
}

/** Units of a site, of a file that has the site as a column, [rows x units]. @param units default: all */
export async function rowsOfUnits(path: string, site: string, units?: readonly number[]): Promise<Float32Array> {
  // One by one they are read without the others.
  if (units && units.length <= mostColumns) return joined(await readUnits(path, site, units));
  const reader = await openActivationFile(path);
  const width = reader.columns.find((column) => column.site === site)?.width ?? 0;
  const all = await wholeColumn(reader, site);
  if (!units) return all;
  const values = new Float32Array((all.length / width) * units.length);
  for (let first = 0, at = 0; first < all.length; first += width)
    for (const unit of units) values[at++] = all[first + unit];
  return values;
}

/** Each unit's own column; closes the file. */
async function columnsOf(reader: ActivationReader, site: string, units: readonly number[]): Promise<number[][]> {
  try {
    const names = reader.columns.map((column) => column.site);
    const places = units.map((unit) => names.indexOf(unitColumn(site, unit)));
    if (places.includes(-1))
      throw new Failure(`${reader.path} has no column ${unitColumn(site, units[places.indexOf(-1)])}: delete it.`);
    const series = units.map((): number[] => []);
    for await (const { values } of reader.batches())
      for (const [u, place] of places.entries()) for (const value of values[place]) series[u].push(value);
    return series;
  } finally {
    await reader.close();
  }
}

/** One row after the other, of series of equal length. */
function joined(series: readonly (Float32Array | number[])[]): Float32Array {
  const units = series.length;
  const values = new Float32Array(units * (series[0]?.length ?? 0));
  for (const [u, own] of series.entries())
    for (let row = 0; row < own.length; row++) values[row * units + u] = own[row];
  return values;
}
