import { hiddenUnits, namedSites } from '@galvani/model';
import { randomStream } from '@galvani/numerics';
import { countedUnits, type MapSite, membership, type Recording, type Results, type WholeMap } from '@galvani/results';
import type { StageParameters } from '@galvani/study';
import { startProgress } from '@galvani/terminal';
import { type Comparison, type LesionKind, type NetworkLesion, networkLesion } from './network-lesions.js';
import { restActivity } from './rest-activity.js';
import { type TwinStatistics, twinStatistics } from './twin-statistics.js';
import { type LesionedUnits, rankedSet, strongestMembers, type UnitSet, unmatchedSets } from './unit-sets.js';

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

/**
 * Lesions of every network, in each set of sites, of each kind and dose; of networks without members there none. Beside the largest dose
 * there are lesions of other units than matched ones.
 */
export async function planLesions(
  results: Results,
  recordings: readonly Recording[],
  tasks: readonly string[],
  { asked, rule }: Options,
): Promise<PlannedLesion[]> {
  const maps = new Map<string, WholeMap>();
  for (const task of tasks) maps.set(task, await results.map(`task-${task}`));
  const [first] = maps.values();
  const named = lesionedSites(asked, first.sites)
    .map((name) => ({ name, sites: namedSites('lesion.sites', name, first.sites, asked.named) }))
    .filter(({ sites }) => sites.length > 0);
  const used = [...new Map(named.flatMap(({ sites }) => sites.map((site) => [site.site, site]))).values()];
  if (used.length === 0) return [];
  const progress = startProgress('lesion: reading rest', recordings.length, 'runs');
  const atRest = await restActivity(recordings, used, asked.kinds.includes('resample'), () => progress.advance());
  progress.finish();
  const inTwin = await twinStatistics(results, recordings, used);
  const counted = countedUnits(first, rule);
  const largest = Math.max(...asked.doses);
  const lesions: PlannedLesion[] = [];
  for (const { name, sites } of named)
    for (const kind of asked.kinds)
      for (const dose of [...new Set(asked.doses)].sort((a, b) => a - b))
        for (const [network, map] of maps) {
          const parts = strongestMembers(sites, membership(map, rule), map.statistic('t'), counted, dose);
          if (parts.length === 0) continue;
          const whole = dose === largest;
          const controls = whole ? asked.controls : Math.max(19, Math.ceil(asked.controls / 5));
          const names = [asked.seed, 'lesion', name, kind, dose, network];
          const others = whole ? otherSets(parts, map, inTwin?.get(network), asked.unmatched, names) : [];
          lesions.push({
            ...{ sites: name, kind, dose, network },
            ...networkLesion(parts, atRest, kind, controls, others, names),
          });
        }
  return lesions;
}

/** Where nobody names sites, the hidden units of feed-forwards, whatever their kind is here. */
const lesionedSites = ({ sites, named }: Options['asked'], recorded: readonly MapSite[]): readonly string[] =>
  named || sites.includes('gated')
    ? sites
    : sites.map((name) => (name === 'activation' ? hiddenUnits(recorded) : name));

/** Units that are compared with a network's and not matched with them. */
function otherSets(
  parts: readonly LesionedUnits[],
  map: WholeMap,
  inTwin: TwinStatistics | undefined,
  unmatched: number,
  names: readonly (string | number)[],
): { against: Comparison; sets: UnitSet[] }[] {
  const t = map.statistic('t');
  const ofSite = ({ start, width }: MapSite) => t.subarray(start, start + width);
  const random = unmatchedSets(parts, unmatched, randomStream(...names, 'unmatched'));
  return [
    ...(random.length > 0 ? [{ against: 'random' as const, sets: random }] : []),
    { against: 'bottom', sets: [rankedSet(parts, ofSite, 'nearest to 0')] },
    ...(inTwin
      ? [{ against: 'twin' as const, sets: [rankedSet(parts, ({ site }) => inTwin.get(site)!, 'largest')] }]
      : []),
  ];
}
