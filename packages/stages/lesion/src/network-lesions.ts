import type { UnitChange } from '@galvani/model';
import { randomStream } from '@galvani/numerics';
import { imbalance } from '@galvani/statistics';
import type { SiteAtRest } from './rest-activity.js';
import { type LesionedUnits, matchedSets, type UnitSet } from './unit-sets.js';

export type LesionKind = 'mean' | 'zero' | 'resample';

/** What a network's lesion is compared with: units that are matched with its members, any units, those with least effect, or the twin's. */
export type Comparison = 'matched' | 'random' | 'bottom' | 'twin';

/** Lesions of other units, as many in each site. */
export interface ComparedLesions {
  against: Comparison;
  changes: UnitChange[][];
  /** How far these units are from the network's at rest, over its members. */
  imbalance: { mean: number; spread: number };
}

/** A network's lesion, and those of its controls. */
export interface NetworkLesion {
  units: number;
  changes: UnitChange[];
  /** Of units that are matched with its members, which inference is about. */
  controls: ComparedLesions;
  comparisons: ComparedLesions[];
}

/**
 * The lesion of a network, that of `controls` matched sets of units, and those of other sets.
 *
 * @param names of the streams of chance
 */
export function networkLesion(
  parts: readonly LesionedUnits[],
  atRest: ReadonlyMap<string, SiteAtRest>,
  kind: LesionKind,
  controls: number,
  others: readonly { against: Comparison; sets: readonly UnitSet[] }[],
  names: readonly (string | number)[],
): NetworkLesion {
  const values = randomStream(...names, 'values');
  const restOf = (site: string) => atRest.get(site)!;
  // Activity of one rest prompt; every lesion has one of its own.
  const lesion = (set: UnitSet) => {
    const prompt = kind === 'resample' ? values.integer(restOf(parts[0].site.site).prompts.length) : 0;
    return parts.map(({ site: { site } }, k) => unitLesion(site, set[k], restOf(site), kind, prompt));
  };
  const compared = (against: Comparison, sets: readonly UnitSet[]): ComparedLesions => ({
    against,
    changes: sets.map(lesion),
    imbalance: imbalanceOf(parts, sets, restOf),
  });
  const matched = matchedSets(parts, restOf, controls, randomStream(...names, 'controls'));
  return {
    units: parts.reduce((sum, { members }) => sum + members.length, 0),
    changes: lesion(parts.map(({ members }) => members)),
    controls: compared('matched', matched),
    comparisons: others.map(({ against, sets }) => compared(against, sets)),
  };
}

/** Of sites the mean, by members. */
function imbalanceOf(
  parts: readonly LesionedUnits[],
  sets: readonly UnitSet[],
  restOf: (site: string) => SiteAtRest,
): ComparedLesions['imbalance'] {
  const units = parts.reduce((sum, { members }) => sum + members.length, 0);
  const balance = { mean: 0, spread: 0 };
  for (const [k, { site, members, candidates }] of parts.entries()) {
    const drawn = sets.map((set) => set[k]);
    const own = imbalance(members, drawn, candidates, restOf(site.site));
    balance.mean += (own.mean * members.length) / units;
    balance.spread += (own.spread * members.length) / units;
  }
  return balance;
}

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
