import type { ModelWeights, Passage, SiteWeights, WeightSlices } from '@galvani/model';
import { advised, UserMistake } from '@galvani/terminal';
import type { SiteUnits } from './network-units.js';

/** Weights of some units of a site in one parameter (see `WeightSlices`), by unit and place. */
export interface UnitSlices extends WeightSlices {
  /** For each place and unit: other units of the site, none of them a member, that have the same weights. 0 but for gains that heads share. */
  others: Int32Array;
}

/** A network's members in one site, and their weights. */
export interface NetworkSiteWeights extends SiteUnits {
  kind: string;
  layer: string;
  writes: UnitSlices[];
  writtenThrough: Passage[];
  reads: UnitSlices[];
  readThrough: Passage[];
}

/**
 * The weights of a network's members. Of an activation these are the rows and bias that its inputs come from and the columns that
 * take it on; of a transformer block's output the rows of its own block's last weights, and the gains of the norms that read it.
 *
 * @throws UserMistake where the model has no such site: it is another one than was recorded
 */
export function networkWeights({ name, sites }: ModelWeights, network: readonly SiteUnits[]): NetworkSiteWeights[] {
  const known = new Map(sites.map((each) => [each.site.name, each]));
  return network.map((own): NetworkSiteWeights => {
    const found: SiteWeights | undefined = known.get(own.site);
    if (!found)
      throw new UserMistake(
        `${name} has no site ${own.site}, of which the study has a map: it is another model than was recorded. ${advised('run', 'all')} records it again.`,
      );
    const members = new Set(own.units);
    const { writes, reads, writtenThrough, readThrough, site } = found;
    return {
      ...own,
      kind: site.kind,
      layer: site.layer,
      writes: writes.flatMap((each) => slicesOf(each, members)),
      writtenThrough,
      reads: reads.flatMap((each) => slicesOf(each, members)),
      readThrough,
    };
  });
}

function slicesOf({ parameter, shape, axis, places, units }: WeightSlices, members: ReadonlySet<number>): UnitSlices[] {
  const others = new Map<number, number>();
  for (const [i, unit] of units.entries())
    if (!members.has(unit)) others.set(places[i], (others.get(places[i]) ?? 0) + 1);
  const own = Array.from(units.keys())
    .filter((i) => members.has(units[i]))
    .sort((a, b) => units[a] - units[b] || places[a] - places[b]);
  if (own.length === 0) return [];
  return [
    {
      ...{ parameter, shape, axis },
      places: Int32Array.from(own, (i) => places[i]),
      units: Int32Array.from(own, (i) => units[i]),
      others: Int32Array.from(own, (i) => others.get(places[i]) ?? 0),
    },
  ];
}
