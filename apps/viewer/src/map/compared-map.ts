import type { MapSummary, StudyView } from '@galvani/view';
import type { View } from '../address.js';
import { readStudy } from '../data/parts.js';
import { type MapData, readMapData, statisticOf, summaryOf } from './map-data.js';

/** The map that another is held against. */
export interface ComparedMap {
  study: StudyView;
  data: MapData;
}

/** The other map of a view, of the same study or of another one; undefined where none is asked for. */
export async function readComparedMap(
  own: StudyView,
  { study, compare, other, otherStudy, statistic }: View,
): Promise<ComparedMap | undefined> {
  if (compare === 'none') return undefined;
  const which = otherStudy ?? study;
  const found = which === study ? own : await readStudy(which);
  const summary: MapSummary | undefined = summaryOf(found, other);
  if (!summary) return undefined;
  return { study: found, data: await readMapData(which, summary, statisticOf(summary, statistic)) };
}

/** Whether two studies have the same sites, so that each unit of one has its like in the other. */
export const sameSites = (one: StudyView, other: StudyView): boolean =>
  one.sites.length === other.sites.length &&
  one.sites.every(({ site, width }, s) => site === other.sites[s].site && width === other.sites[s].width);

/** One map less another, unit by unit; NaN where either was not tested. */
export const difference = (one: Float64Array, other: Float64Array): Float64Array =>
  one.map((value, unit) => value - other[unit]);
