import type { NetworkSize } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { sumBy } from '../findings/network-size.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { count, percent } from '../page/words.js';
import { shortLayerLabel } from './unit-map.js';

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
  const layers = [...new Set(shares.map((s) => s.layer))];
  const kinds = [...new Set(shares.map((s) => s.kind))];
  const few = layers.length <= 14;
  return drawPlot(label, {
    width: 360,
    height: 26 + kinds.length * 24,
    marginLeft: 74,
    marginRight: 2,
    marginTop: 22,
    marginBottom: 2,
    x: { domain: layers, axis: null, padding: 0.06 },
    y: { domain: kinds, label: null, tickSize: 0, padding: 0.08 },
    marks: [
      Plot.axisX(layers, {
        anchor: 'top',
        tickSize: 0,
        label: null,
        tickFormat: (layer: string, i: number) => (few || i % 4 === 0 ? shortLayerLabel(layer) : ''),
      }),
      Plot.cell(shares, { x: 'layer', y: 'kind', fill: 'var(--wash)' }),
      Plot.cell(shares, {
        x: 'layer',
        y: 'kind',
        fill: colour,
        fillOpacity: (s: SiteShare) => (largest > 0 ? s.share / largest : 0),
        title: (s: SiteShare) =>
          `${s.kind}, ${s.layer}: ${count(s.members)} of ${count(s.units)} units (${percent(s.share)})`,
      }),
    ],
    opacity: { type: 'identity' },
  });
}
