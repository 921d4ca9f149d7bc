import { countedUnits, type MapSite, membership, type Recording, type Results } from '@galvani/results';
import type { StageParameters } from '@galvani/study';
import { startProgress } from '@galvani/terminal';
import { lesionedSites } from './lesioned-sites.js';
import { type LesionKind, type NetworkLesion, networkLesion, strongestMembers } from './network-lesions.js';
import { restActivity } from './rest-activity.js';

/** A lesion that is to be made. */
export interface PlannedLesion extends NetworkLesion {
  sites: string;
  kind: LesionKind;
  dose: number;
  network: string;
}

interface Options {
  asked: StageParameters['lesion'];
  rule: StageParameters['networks'];
}

/** Lesions of every network, in each set of sites, of each kind and dose; of networks without members there none. */
export async function planLesions(
  results: Results,
  recordings: readonly Recording[],
  tasks: readonly string[],
  { asked, rule }: Options,
): Promise<PlannedLesion[]> {
  const maps = new Map<string, Awaited<ReturnType<Results['map']>>>();
  for (const task of tasks) maps.set(task, await results.map(`task-${task}`));
  const [first] = maps.values();
  const named = asked.sites.map((name) => ({ name, sites: lesionedSites(name, first.sites) }));
  const used = new Map<string, MapSite>(named.flatMap(({ sites }) => sites.map((site) => [site.site, site])));
  const progress = startProgress('lesion: reading rest', recordings.length, 'runs');
  const atRest = await restActivity(recordings, [...used.values()], () => progress.advance());
  progress.finish();
  const counted = countedUnits(first, rule);
  const largest = Math.max(...asked.doses);
  const lesions: PlannedLesion[] = [];
  for (const { name, sites } of named)
    for (const kind of asked.kinds)
      for (const dose of [...new Set(asked.doses)].sort((a, b) => a - b))
        for (const [network, map] of maps) {
          const parts = strongestMembers(sites, membership(map, rule), map.statistic('t'), counted, dose);
          if (parts.length === 0) continue;
          const controls = dose === largest ? asked.controls : Math.max(19, Math.ceil(asked.controls / 5));
          const names = [asked.seed, 'lesion', name, kind, dose, network];
          lesions.push({ sites: name, kind, dose, network, ...networkLesion(parts, atRest, kind, controls, names) });
        }
  return lesions;
}
