import type { Recording } from '@galvani/results';

/** Where the units of a site lie among all. */
export interface SiteUnits {
  site: string;
  kind: string;
  layer: string;
  first: number;
  width: number;
}

/** Sites of a recording in the order of its units. */
export async function sitesOf({ layers, columns }: Recording): Promise<SiteUnits[]> {
  const sites: SiteUnits[] = [];
  let first = 0;
  for (const layer of layers) {
    for (const { site: name, kind = '', width } of await columns(layer)) {
      sites.push({ site: name, kind, layer, first, width });
      first += width;
    }
  }
  return sites;
}

/** The units of some sites. */
export interface FeaturePart {
  name: string;
  sites: readonly SiteUnits[];
  width: number;
}

/** Units of each layer alone, and of each kind of site. */
export function partsOf(sites: readonly SiteUnits[]): FeaturePart[] {
  const parts = new Map<string, SiteUnits[]>();
  const add = (name: string, site: SiteUnits) => parts.set(name, [...(parts.get(name) ?? []), site]);
  for (const site of sites) {
    add(`layer ${site.layer}`, site);
    if (site.kind !== '') add(`kind ${site.kind}`, site);
  }
  return [...parts].map(([name, own]) => ({
    name,
    sites: own,
    width: own.reduce((sum, site) => sum + site.width, 0),
  }));
}
