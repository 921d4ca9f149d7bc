import { type UnitExtremes, unitExtremes } from '@galvani/results';
import type { StudyFolder } from '@galvani/study';
import { advised, Failure, UserMistake } from '@galvani/terminal';
import { mapColumn } from './map-column.js';
import { type OpenStudy, openStudy } from './open-study.js';
import { mapOf } from './stage-maps.js';
import { studyView } from './study-view.js';
import { recordedRuns, unitSeries } from './unit-series.js';

/** What a study knows of one unit, over all recorded runs. Effects are in the units of its values. */
export interface UnitAccount extends UnitExtremes {
  site: string;
  kind: string;
  layer: string;
  unit: number;
  /** What values are of: tokens, or means over prompts' tokens. */
  of: 'tokens' | 'prompts';
  maps: UnitStatistics[];
}

export interface UnitStatistics {
  map: string;
  kind: string;
  /** NaN where the map has no such column. */
  effect: number;
  t: number;
  z: number;
  log10_p_familywise: number;
  log10_q_fdr: number;
  /** Whether the unit is a member of the map's network; false of maps that have none. */
  member: boolean;
}

export interface UnitRequest {
  site: string;
  unit: number;
  /** How many prompts and tokens of each end. */
  count: number;
  /** Plays the runs again where activations at every token were not kept: a value for each row of all runs. */
  replay?(): Promise<Float32Array>;
}

/**
 * A unit's values, statistics, and the prompts and tokens at which it is highest and lowest, over all recorded runs. Rows after the end of a
 * prompt's text count where they count for the study's statistics.
 *
 * @throws UserMistake for a site or unit that the study did not record
 */
export async function unitAccount(folder: StudyFolder, request: UnitRequest): Promise<UnitAccount> {
  const { site: name, unit, count, replay } = request;
  const open = await openStudy(folder);
  const { sites, keep, afterEnd, maps } = await studyView(open, '', false);
  const site = sites.find((each) => each.site === name);
  if (sites.length === 0) throw new Failure(`no run of the study is recorded: ${advised('run', 'all')} does it.`);
  if (!site)
    throw new UserMistake(
      `the study recorded no site ${name}; its sites are ${sites.map((each) => each.site).join(', ')}.`,
    );
  if (!(Number.isInteger(unit) && unit >= 0 && unit < site.width))
    throw new UserMistake(`${name} has units 0 to ${site.width - 1}, and not ${unit}.`);
  const byToken = keep === 'tokens' || replay !== undefined;
  const series = keep === 'tokens' || !replay ? await unitSeries(open, sites, name, unit) : await replay();
  return {
    ...{ site: name, kind: site.kind, layer: site.layer, unit },
    of: byToken ? 'tokens' : 'prompts',
    maps: await statisticsOf(open, maps, site.start + unit),
    ...unitExtremes(await recordedRuns(open), series, { byToken, afterEnd: afterEnd !== 'drop', count }),
  };
}

async function statisticsOf(
  open: OpenStudy,
  maps: Awaited<ReturnType<typeof studyView>>['maps'],
  at: number,
): Promise<UnitStatistics[]> {
  const found: UnitStatistics[] = [];
  for (const { name, kind, columns } of maps) {
    const map = await mapOf(open, name);
    const value = (column: string) => (columns.includes(column) ? mapColumn(open, map, column)[at] : Number.NaN);
    found.push({
      ...{ map: name, kind, effect: value('effect'), t: value('t'), z: value('z') },
      log10_p_familywise: value('log10_p_familywise'),
      log10_q_fdr: value('log10_q_fdr'),
      member: Math.abs(value('member')) > 0,
    });
  }
  return found;
}
