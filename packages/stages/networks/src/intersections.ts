import type { NetworkIntersection } from '@galvani/artifact';
import type { CountedSite } from './overlap.js';

/** A network as far as sharing goes. */
export interface TaskMembers {
  task: string;
  /** 1, -1 or 0 for each unit. */
  members: Int8Array;
  sites: readonly CountedSite[];
}

/** Tasks of which all sets are looked at, and not only those that have units. */
const mostTasks = 10;

/** How many units belong to exactly which networks, most first; see `intersections.parquet`. */
export function intersectionsOf(networks: readonly TaskMembers[]): NetworkIntersection[] {
  const found = new Map<string, { set: number[]; units: number; same: number }>();
  for (let u = 0; u < networks[0].members.length; u++) {
    const set = [...networks.keys()].filter((k) => networks[k].members[u] !== 0);
    if (set.length === 0) continue;
    const key = set.join();
    const own = found.get(key) ?? { set, units: 0, same: 0 };
    found.set(key, own);
    own.units++;
    if (set.every((k) => networks[k].members[u] === networks[set[0]].members[u])) own.same++;
  }
  const sets =
    networks.length > mostTasks
      ? [...found.values()]
      : allSets(networks.length).map((set) => found.get(set.join()) ?? { set, units: 0, same: 0 });
  return sets
    .map(({ set, units, same }) => ({
      tasks: set.map((k) => networks[k].task).join(' + '),
      networks: set.length,
      units,
      same,
      expected: expectedUnits(networks, set),
    }))
    .filter(({ units, expected }) => units > 0 || expected >= 1)
    .sort((a, b) => b.units - a.units || b.expected - a.expected);
}

/** Every set but the empty one, as ascending places. */
function allSets(count: number): number[][] {
  return Array.from({ length: 2 ** count - 1 }, (_, i) =>
    Array.from({ length: count }, (_, k) => k).filter((k) => ((i + 1) >> k) & 1),
  );
}

/** Units in exactly these networks, were members placed independently in their own sites. */
export function expectedUnits(networks: readonly TaskMembers[], set: readonly number[]): number {
  return networks[0].sites.reduce((sum, site) => {
    if (site.units === 0) return sum;
    const shares = networks.map(({ members }) => countIn(members, site, (sign) => sign !== 0) / site.units);
    return sum + shares.reduce((product, share, k) => product * (set.includes(k) ? share : 1 - share), site.units);
  }, 0);
}

/** Units in all of the networks with one sign, were members of each sign placed independently in their own sites. */
export function expectedOfOneSign(networks: readonly TaskMembers[]): number {
  return networks[0].sites.reduce((sum, site) => {
    if (site.units === 0) return sum;
    const ofSign = (wanted: number) =>
      networks.reduce(
        (product, { members }) => (product * countIn(members, site, (sign) => sign === wanted)) / site.units,
        site.units,
      );
    return sum + ofSign(1) + ofSign(-1);
  }, 0);
}

function countIn(members: Int8Array, { start, width }: CountedSite, wanted: (sign: number) => boolean): number {
  let count = 0;
  for (let u = start; u < start + width; u++) if (wanted(members[u])) count++;
  return count;
}
