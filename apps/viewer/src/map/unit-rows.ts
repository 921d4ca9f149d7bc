import type { StudyView } from '@galvani/view';
import type { MapData } from './map-data.js';

/** Units of a map as lines of CSV: site, unit, the statistic, and 1 or -1 for members of the network. */
export function unitRows(
  { sites }: Pick<StudyView, 'sites'>,
  { values, member }: Pick<MapData, 'values' | 'member'>,
  statistic: string,
  chosen: ArrayLike<number> | undefined,
): string {
  const lines = [`site,unit,${statistic},member`];
  for (const { site, width, start } of sites)
    for (let unit = 0; unit < width; unit++) {
      const place = start + unit;
      if (chosen ? chosen[place] !== 0 : !Number.isNaN(values[place]))
        lines.push(`${quoted(site)},${unit},${values[place]},${member[place]}`);
    }
  return `${lines.join('\n')}\n`;
}

/** Text as a cell: quoted where it has to be (RFC 4180). */
const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
