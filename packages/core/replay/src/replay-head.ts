import type { NamedColumn } from '@galvani/artifact';
import { formatCount } from '@galvani/terminal';
import type { ReplayedRun } from './replay-sites.js';
import { type SiteUnits, tableOf, unitsOf } from './replay-table.js';

/**
 * The first rows of replayed runs with the first of their units, as lines that a person reads; then what is left out. Of one site its
 * name comes first, and units are numbers.
 *
 * @param units of each site. Default: all
 */
export async function replayHead(
  runs: readonly ReplayedRun[],
  units?: readonly number[],
  { mostRows = 10, mostUnits = 6 }: { mostRows?: number; mostUnits?: number } = {},
): Promise<string[]> {
  const sites = runs[0]?.sites ?? [];
  const shown: SiteUnits[] = [];
  let room = mostUnits;
  for (const site of sites) {
    const own = (units ?? unitsOf(site)).slice(0, room);
    room -= own.length;
    if (own.length > 0) shown.push({ site, units: own });
  }
  // As many runs as have the rows.
  let rows = 0;
  const first = runs.filter(({ tokens }) => {
    const wanted = rows < mostRows;
    rows += tokens.length;
    return wanted;
  });
  const { columns } = await tableOf(first, shown);
  const count = Math.min(rows, mostRows);
  const [alone] = sites.length === 1 ? sites : [];
  const headOf = ({ name }: NamedColumn) => (alone ? name.replace(`${alone.name}.`, '') : name);
  const cells = columns
    .filter(({ name }) => !['token_id', 'after_end'].includes(name))
    .map((column) => [headOf(column), ...Array.from({ length: count }, (_, row) => cellText(column, row))]);
  const widths = cells.map((own) => Math.max(...own.map(({ length }) => length)));
  const lines = Array.from({ length: count + 1 }, (_, line) =>
    cells
      .map((own, c) => (c === 0 || c === 3 ? own[line].padEnd(widths[c]) : own[line].padStart(widths[c])))
      .join('  '),
  );
  if (alone) lines.unshift(alone.name);
  const all = sites.reduce((sum, { width }) => sum + (units?.length ?? width), 0);
  const left = [
    ...(rows > count ? [more(rows - count, 'row')] : []),
    ...(all > mostUnits ? [more(all - mostUnits, 'unit')] : []),
  ];
  return left.length > 0 ? [...lines, `... ${left.join(' and ')}: --out FILE writes all of them`] : lines;
}

function cellText({ name, type, value }: NamedColumn, row: number): string {
  const own = value(row);
  if (type === 'float64') return (own as number).toPrecision(5);
  return name === 'token' ? JSON.stringify(own) : String(own);
}

const more = (count: number, what: string) => `${formatCount(count)} more ${what}${count === 1 ? '' : 's'}`;
