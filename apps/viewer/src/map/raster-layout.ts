/** A site among all units; see `MapSite` of @galvani/results. */
export interface Site {
  site: string;
  kind: string;
  layer: string;
  width: number;
  /** Place of its first unit among all. */
  start: number;
}

/** Where the units of a model lie: a site after another, each on rows of its own, wide ones on several. */
export interface RasterLayout {
  /** Units in a row. */
  columns: number;
  rows: number;
  sites: readonly PlacedSite[];
  layers: readonly { layer: string; row: number; rows: number }[];
}

export type PlacedSite = Site & { row: number; rows: number };

/** Rows are as wide as the width that most sites have, which is the model's hidden width. */
export function rasterLayout(sites: readonly Site[]): RasterLayout {
  const columns = mostFrequent(sites.map(({ width }) => width));
  const placed: PlacedSite[] = [];
  const layers: { layer: string; row: number; rows: number }[] = [];
  let row = 0;
  for (const site of sites) {
    const rows = Math.ceil(site.width / columns);
    placed.push({ ...site, row, rows });
    const last = layers.at(-1);
    if (last?.layer === site.layer) last.rows += rows;
    else layers.push({ layer: site.layer, row, rows });
    row += rows;
  }
  return { columns, rows: row, sites: placed, layers };
}

function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [1, 0])[0];
}

/** The unit in a row and column, among all; -1 where none is. */
export function unitAt({ sites, columns, rows }: RasterLayout, row: number, column: number): number {
  if (!(row >= 0 && row < rows && column >= 0 && column < columns)) return -1;
  const { start, width, row: first } = siteOfRow(sites, row);
  const inSite = (row - first) * columns + column;
  return inSite < width ? start + inSite : -1;
}

/** Row and column of a unit, which is given among all. */
export function placeOf({ sites, columns }: RasterLayout, unit: number): { row: number; column: number } {
  const { start, row } = siteOfUnit(sites, unit);
  const inSite = unit - start;
  return { row: row + Math.floor(inSite / columns), column: inSite % columns };
}

/** The site that a unit belongs to. */
export const siteOfUnit = <S extends Site>(sites: readonly S[], unit: number): S =>
  lastWith(sites, (s) => s.start <= unit);

const siteOfRow = (sites: readonly PlacedSite[], row: number) => lastWith(sites, (s) => s.row <= row);

/** The last for which `holds`, where it holds for a first part of them. */
function lastWith<T>(all: readonly T[], holds: (each: T) => boolean): T {
  let [low, high] = [0, all.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(all[middle])) low = middle;
    else high = middle - 1;
  }
  return all[low];
}
