import type { RandomStream } from '@galvani/numerics';
import type { MapSite } from '@galvani/results';
import { type RestActivity, unitMatcher } from '@galvani/statistics';

/** A network's members in one site, the part that is lesioned. */
export interface LesionedUnits {
  site: MapSite;
  /** Positions among the site's units, rising. */
  members: Int32Array;
  /** Units that networks count. */
  candidates: Int32Array;
}

/** For each part as many units of its site as it has members, rising. */
export type UnitSet = Int32Array[];

/**
 * The share `dose` of a network's members in some sites, strongest first.
 *
 * @param members of the whole map, 0 for units that are none
 * @param statistic of the whole map, whose size says which are strongest
 * @param counted 1 for units that networks count
 */
export function strongestMembers(
  sites: readonly MapSite[],
  members: Int8Array,
  statistic: Float64Array,
  counted: Uint8Array,
  dose: number,
): LesionedUnits[] {
  const all = sites.flatMap(({ start, width }) =>
    Array.from({ length: width }, (_, u) => start + u).filter((u) => members[u] !== 0),
  );
  const strongest = all.sort((a, b) => Math.abs(statistic[b]) - Math.abs(statistic[a]) || a - b);
  const chosen = new Set(strongest.slice(0, Math.ceil(dose * all.length)));
  const positions = ({ start, width }: MapSite, wanted: (u: number) => boolean) =>
    Int32Array.from({ length: width }, (_, u) => u).filter((u) => wanted(start + u));
  return sites
    .map((site) => ({
      site,
      members: positions(site, (u) => chosen.has(u)),
      candidates: positions(site, (u) => counted[u] === 1),
    }))
    .filter((own) => own.members.length > 0);
}

/** Sets of units that resemble the members at rest. */
export function matchedSets(
  parts: readonly LesionedUnits[],
  atRest: (site: string) => RestActivity,
  count: number,
  stream: RandomStream,
): UnitSet[] {
  const matchers = parts.map(({ site, members, candidates }) => unitMatcher(members, candidates, atRest(site.site)));
  return Array.from({ length: count }, () => matchers.map((matcher) => matcher.draw(stream)));
}

/** Sets of any units, each as probable as every other. */
export function unmatchedSets(parts: readonly LesionedUnits[], count: number, stream: RandomStream): UnitSet[] {
  return Array.from({ length: count }, () =>
    parts.map(({ members, candidates }) =>
      Int32Array.from(stream.shuffled([...candidates]).slice(0, members.length)).sort(),
    ),
  );
}

/**
 * The units of each site whose statistic is largest, or nearest to 0.
 *
 * @param statistic of a site's units; those where it is NaN come last
 */
export function rankedSet(
  parts: readonly LesionedUnits[],
  statistic: (site: MapSite) => Float64Array,
  which: 'largest' | 'nearest to 0',
): UnitSet {
  return parts.map(({ site, members, candidates }) => {
    const own = statistic(site);
    const rank = (u: number) => {
      const size = Math.abs(own[u]);
      return Number.isNaN(size) ? Number.POSITIVE_INFINITY : which === 'largest' ? -size : size;
    };
    const ranks = new Map([...candidates].map((u) => [u, rank(u)]));
    const sorted = [...candidates].sort((a, b) =>
      ranks.get(a) === ranks.get(b) ? a - b : ranks.get(a)! - ranks.get(b)!,
    );
    return Int32Array.from(sorted.slice(0, members.length)).sort();
  });
}
