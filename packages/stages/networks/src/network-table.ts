import type { NetworkSize, NetworkUnit } from '@galvani/artifact';
import { correctedP, countedUnits, membership, type WholeMap } from '@galvani/results';
import type { StageParameters } from '@galvani/study';
import type { CountedSite } from './overlap.js';

/** A task's network: its members over all layers, and the rows of the tables that describe it. */
export interface Network {
  task: string;
  /** 1, -1 or 0 for each unit of the model. */
  members: Int8Array;
  /** Units of the model that count. */
  counted: number;
  /** 1 for each of them, [units]. */
  countedUnits: Uint8Array;
  units: NetworkUnit[];
  sizes: NetworkSize[];
  /** Place of each of `units` among all units. */
  places: number[];
  /** The same for all tasks. */
  sites: CountedSite[];
}

/** The network of a task from its map over all sessions. */
export function networkOf(task: string, map: WholeMap, rule: StageParameters['networks']): Network {
  const members = membership(map, rule);
  const counted = countedUnits(map, rule);
  const [effect, t, z, d] = ['effect', 't', 'z', 'd'].map(map.statistic);
  const log10p = correctedP(map, rule);
  const units: NetworkUnit[] = [];
  const sizes: NetworkSize[] = [];
  const sites: CountedSite[] = [];
  const places: number[] = [];
  for (const { site, kind, layer, width, start } of map.sites) {
    const size = { task, layer, kind, site, units: 0, members: 0, positive: 0, negative: 0 };
    for (let unit = 0, at = start; unit < width; unit++, at++) {
      size.units += counted[at];
      if (members[at] === 0) continue;
      size.members++;
      if (members[at] > 0) size.positive++;
      else size.negative++;
      const statistics = { effect: effect[at], t: t[at], z: z[at], d: d[at], log10_p: log10p[at] };
      places.push(at);
      units.push({ task, site, kind, layer, unit, ...statistics });
    }
    sizes.push(size);
    sites.push({ start, width, units: size.units });
  }
  return {
    ...{ task, members, units, places, sizes, sites, countedUnits: counted },
    counted: counted.reduce((sum, own) => sum + own, 0),
  };
}

/** What the default threshold makes of a map whose strongest units are taken. */
export interface SurvivingUnits {
  /** Of the units that were taken. */
  taken: number;
  /** Of all that count. */
  all: number;
}

/** Counts the units that a family-wise threshold would keep, beside a network that is the strongest share of units. */
export function survivingBeside(
  { members }: Network,
  map: WholeMap,
  rule: StageParameters['networks'],
): SurvivingUnits {
  const passing = membership(map, { ...rule, top: undefined });
  const count = (counts: (u: number) => boolean) =>
    passing.reduce((sum, own, u) => sum + (own !== 0 && counts(u) ? 1 : 0), 0);
  return { taken: count((u) => members[u] !== 0), all: count(() => true) };
}
