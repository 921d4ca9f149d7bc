import type { NetworkSize } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { sumBy } from '../findings/network-size.js';
import { rangeWords } from '../page/alt-text.js';
import type { Markup } from '../page/html.js';
import { count, percent } from '../page/words.js';
import { siteGrid } from './site-grid.js';

/** Members of a network in one layer and kind of site. */
export interface SiteShare {
  layer: string;
  kind: string;
  units: number;
  members: number;
  share: number;
}

/** Sizes of one task's network by layer and kind. */
export function siteShares(sizes: readonly NetworkSize[]): SiteShare[] {
  return [...sumBy(sizes, (row) => `${row.layer}\n${row.kind}`)].map(([key, { units, members }]) => {
    const [layer, kind] = key.split('\n');
    return { layer, kind, units, members, share: units > 0 ? members / units : 0 };
  });
}

/** A cell for each layer and kind of site, fuller in colour the larger the share of its units in the network. */
export function networkSites(label: string, shares: readonly SiteShare[], largest: number, colour: string): Markup {
  const words = `${label}: ${rangeWords(
    shares,
    (s) => s.share,
    (s) => `${s.kind}, ${s.layer}`,
    percent,
  )}.`;
  return siteGrid(words, shares, 14, [
    Plot.cell(shares, { x: 'layer', y: 'kind', fill: 'var(--wash)', ariaHidden: 'true' }),
    Plot.cell(shares, {
      x: 'layer',
      y: 'kind',
      fill: colour,
      fillOpacity: (s: SiteShare) => (largest > 0 ? s.share / largest : 0),
      title: (s: SiteShare) =>
        `${s.kind}, ${s.layer}: ${count(s.members)} of ${count(s.units)} units (${percent(s.share)})`,
    }),
  ]);
}
