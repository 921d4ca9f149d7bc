import type { MapSummary, StudyView } from '@galvani/view';
import { type Numbers, readMapColumn } from '../data/parts.js';
import { remembered } from '../data/remembered.js';

/** A map as it is drawn. Arrays have a value for each unit of the model. */
export interface MapData {
  summary: MapSummary;
  /** What is drawn; NaN for units that were not tested. */
  values: Float64Array;
  /** 1, -1: in the network, above or below rest; 0 throughout of maps that no network is made from. */
  member: Numbers;
  /** log10 of corrected p, by correction, of the corrections that this map has. */
  corrected: ReadonlyMap<string, Numbers>;
}

/** Columns of corrected p, by what the person calls them. */
export const correctionColumns = {
  familywise: 'log10_p_familywise',
  fdr: 'log10_q_fdr',
} as const;

/** A column of a map, which other panes may ask for too. */
export const mapColumn = remembered(
  readMapColumn as (study: number, map: string, name: string) => Promise<Numbers>,
  40,
);

/** What of a map can be drawn: its statistics, without what is a p or a bound of another. */
export const drawnColumns = ({ columns }: MapSummary): string[] =>
  columns.filter((name) => !/^(log10_|flag$|copy_of$|unreachable$|member$)/.test(name));

/** The map of that name, or the first there is. */
export const summaryOf = ({ maps }: StudyView, name: string | undefined): MapSummary | undefined =>
  maps.find((each) => each.name === name) ?? maps[0];

/** The statistic that is drawn of a map: that which is wanted if it has it. */
export const statisticOf = (summary: MapSummary, wanted: string): string => {
  const known = drawnColumns(summary);
  return known.find((name) => name === wanted) ?? known.find((name) => name === 'z') ?? known[0];
};

export async function readMapData(study: number, summary: MapSummary, statistic: string): Promise<MapData> {
  const has = Object.entries(correctionColumns).filter(([, column]) => summary.columns.includes(column));
  const [values, flag, member, ...corrected] = await Promise.all(
    [statistic, 'flag', 'member', ...has.map(([, column]) => column)].map(async (name) =>
      summary.columns.includes(name) ? mapColumn(study, summary.name, name) : new Int8Array(0),
    ),
  );
  const tested = new Float64Array(values.length);
  for (let unit = 0; unit < tested.length; unit++) tested[unit] = flag[unit] === 0 ? values[unit] : Number.NaN;
  return {
    summary,
    values: tested,
    member: member.length > 0 ? member : new Int8Array(values.length),
    corrected: new Map(has.map(([name], c) => [name, corrected[c]])),
  };
}
