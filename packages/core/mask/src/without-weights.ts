import type { Passage } from '@galvani/model';
import { formatCount } from '@galvani/terminal';
import type { NetworkSiteWeights } from './network-weights.js';

const through: Record<Passage, string> = {
  attention: "attention's patterns, products of units with units",
  stream: 'the residual stream, whose readers are those of its block',
  statistics: 'a norm without a gain',
  softmax: 'the probabilities of tokens',
};

/** Sentences on members that no weight reads, or none writes to by itself, and on weights that others share. */
export function withoutWeights(network: readonly NetworkSiteWeights[]): string[] {
  const found = new Map<string, { units: number; sites: string[]; say(units: string): string }>();
  const count = (site: string, units: number, say: (units: string) => string) => {
    if (units === 0) return;
    const entry = found.get(say('')) ?? { units: 0, sites: [], say };
    found.set(say(''), { ...entry, units: entry.units + units, sites: [...entry.sites, site] });
  };
  for (const { site, units, writes, reads, readThrough } of network) {
    const into = readThrough.map((each) => through[each]).join(', or ');
    count(
      site,
      unitsWithout(writes, units),
      (own) => `no weight writes to ${own} alone: a norm without gain and bias.`,
    );
    count(
      site,
      unitsWithout(reads, units),
      (own) => `no weight reads ${own}: what takes them is ${into || 'nothing'}.`,
    );
    const shared = [...writes, ...reads].flatMap((each) => [...each.units].filter((_, i) => each.others[i] > 0));
    count(
      site,
      new Set(shared).size,
      (own) =>
        `weights of ${own} are shared with other units by a gain that all heads have, and are in no mask tensor.`,
    );
  }
  return [...found.values()].map(({ units, sites, say }) => {
    const shown =
      sites.length > 3 ? `${sites.slice(0, 3).join(', ')} and ${sites.length - 3} more sites` : sites.join(', ');
    return say(`${formatCount(units)} ${units === 1 ? 'unit' : 'units'} of ${shown}`);
  });
}

/** How many of the units have none of these weights. */
function unitsWithout(slices: NetworkSiteWeights['writes'], units: Int32Array): number {
  const having = new Set(slices.flatMap((each) => [...each.units]));
  return units.filter((unit) => !having.has(unit)).length;
}
