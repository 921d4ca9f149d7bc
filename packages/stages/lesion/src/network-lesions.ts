import type { UnitChange } from '@galvani/model';
import { type RandomStream, randomStream } from '@galvani/numerics';
import type { MapSite } from '@galvani/results';
import { imbalance, unitMatcher } from '@galvani/statistics';
import type { SiteAtRest } from './rest-activity.js';

export type LesionKind = 'mean' | 'zero' | 'resample';

/** A network's members in one site, the part that is lesioned. */
export interface LesionedUnits {
  site: MapSite;
  /** Positions among the site's units, rising. */
  members: Int32Array;
  /** Units that networks count. */
  candidates: Int32Array;
}

/** A network's lesion, and those of its controls. */
export interface NetworkLesion {
  units: number;
  changes: UnitChange[];
  controls: UnitChange[][];
  /** How far controls are from the network at rest, over its members. */
  imbalance: { mean: number; spread: number };
}

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

/** The lesion of a network, and of as many units of each site that resemble it at rest, drawn `controls` times. */
export function networkLesion(
  parts: readonly LesionedUnits[],
  atRest: ReadonlyMap<string, SiteAtRest>,
  kind: LesionKind,
  controls: number,
  names: readonly (string | number)[],
): NetworkLesion {
  const stream = randomStream(...names, 'controls');
  const values = randomStream(...names, 'values');
  const matchers = parts.map(({ site, members, candidates }) =>
    unitMatcher(members, candidates, atRest.get(site.site)!),
  );
  const drawn = Array.from({ length: controls }, () => matchers.map((matcher) => matcher.draw(stream)));
  const units = parts.reduce((sum, { members }) => sum + members.length, 0);
  const balance = { mean: 0, spread: 0 };
  for (const [k, { site, members, candidates }] of parts.entries()) {
    const own = imbalance(
      members,
      drawn.map((sets) => sets[k]),
      candidates,
      atRest.get(site.site)!,
    );
    balance.mean += (own.mean * members.length) / units;
    balance.spread += (own.spread * members.length) / units;
  }
  const lesion = (sets: readonly Int32Array[]) => {
    const prompt = promptOf(values, atRest.get(parts[0].site.site)!);
    return parts.map(({ site: { site } }, k) => unitLesion(site, sets[k], atRest.get(site)!, kind, prompt));
  };
  return {
    units,
    changes: lesion(parts.map(({ members }) => members)),
    controls: drawn.map(lesion),
    imbalance: balance,
  };
}

/** The rest prompt that activity is taken from; every lesion has one of its own. */
const promptOf = (stream: RandomStream, { prompts }: SiteAtRest) => stream.integer(prompts.length);

function unitLesion(
  site: string,
  units: Int32Array,
  { mean, prompts }: SiteAtRest,
  kind: LesionKind,
  prompt: number,
): UnitChange {
  const from = kind === 'mean' ? mean : prompts[prompt];
  return { site, units, scale: 0, offset: kind === 'zero' ? 0 : Float64Array.from(units, (u) => from[u]) };
}
