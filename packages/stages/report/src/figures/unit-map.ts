import * as Plot from '@observablehq/plot';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { count, decimal } from '../page/words.js';
import type { DrawnMap } from '../results/drawn-map.js';
import { type Membership, type RasterLayout, rasterImage, rasterLayout, rasterShades } from './unit-raster.js';

/** `block-03` is `block 3`; other layers keep their name. */
export function layerLabel(layer: string): string {
  const number = /(\d+)$/.exec(layer);
  return number ? `block ${Number(number[1])}` : layer;
}

/** The same where there is room for a few letters: `block-03` is `3`, `embeddings` is `emb.`. */
export function shortLayerLabel(layer: string): string {
  const label = layerLabel(layer).replace('block ', '');
  return label.length <= 5 ? label : `${label.slice(0, 3)}.`;
}

/** Rows of the image that each layer takes, from the first row to the one after its last. */
export function layerRows({ sites }: RasterLayout): { layer: string; first: number; end: number }[] {
  const layers = new Map<string, { layer: string; first: number; end: number }>();
  for (const { layer, row, rows } of sites) {
    const known = layers.get(layer);
    if (known) known.end = row + rows;
    else layers.set(layer, { layer, first: row, end: row + rows });
  }
  return [...layers.values()];
}

/** A unit by its site and number. */
function siteOf({ sites }: DrawnMap, unit: number): string {
  const { site, start } = sites.find((own) => unit >= own.start && unit < own.start + own.width)!;
  return `${site}, unit ${unit - start}`;
}

/** Every unit of the model as a pixel: rows are sites in order of depth, columns units; red above rest, blue below. */
export function unitMap(label: string, map: DrawnMap, members: Membership, threshold: number): Markup {
  const layout = rasterLayout(map.sites);
  const src = rasterImage(rasterShades(map, members, threshold, layout), layout);
  const bands = layerRows(layout);
  const width = 360;
  const margin = { marginLeft: 76, marginRight: 2, marginTop: 4, marginBottom: 4 };
  const inner = width - margin.marginLeft - margin.marginRight;
  const rowHeight = Math.max(1, Math.min(3, Math.round((2 * inner) / layout.width)));
  const height = Math.max(120, Math.min(520, layout.height * rowHeight));
  const strongest = (start: number, end: number) => {
    let most: number | undefined;
    for (let unit = start; unit < end; unit++) {
      if (map.flags[unit] !== 0 || !Number.isFinite(map.statistic[unit])) continue;
      if (most === undefined || Math.abs(map.statistic[unit]) > Math.abs(map.statistic[most])) most = unit;
    }
    return most;
  };
  const membersOf = (start: number, width: number) => {
    let n = 0;
    for (let unit = start; unit < start + width; unit++) n += members[unit];
    return n;
  };
  const peak = strongest(0, map.statistic.length);
  const words = `${label} of ${count(map.statistic.length)}${peak === undefined ? '' : `; strongest ${siteOf(map, peak)}, ${map.called} ${decimal(map.statistic[peak], 1)}`}.`;
  return drawPlot(words, {
    width,
    height: height + margin.marginTop + margin.marginBottom,
    ...margin,
    x: { domain: [0, layout.width], axis: null },
    y: { domain: [0, layout.height], reverse: true, axis: null },
    marks: [
      Plot.frame({ stroke: 'var(--rule)' }),
      Plot.image([0], {
        x: layout.width / 2,
        y: layout.height / 2,
        src: () => src,
        width: inner,
        height,
        preserveAspectRatio: 'none',
        imageRendering: layout.width <= 2 * inner ? 'pixelated' : 'auto',
      }),
      Plot.ruleY(bands.slice(1), { y: 'first', stroke: 'var(--rule)', strokeWidth: 1 }),
      Plot.text(bands, {
        x: 0,
        y: (b: { first: number; end: number }) => (b.first + b.end) / 2,
        text: (b: { layer: string }) => layerLabel(b.layer),
        textAnchor: 'end',
        dx: -6,
        fontSize: 11,
      }),
      Plot.rect(layout.sites, {
        x1: 0,
        x2: layout.width,
        y1: 'row',
        y2: (s: (typeof layout.sites)[number]) => s.row + s.rows,
        fill: 'transparent',
        title: (s: (typeof layout.sites)[number]) => {
          const most = strongest(s.start, s.start + s.width);
          const words =
            most === undefined
              ? ''
              : `; strongest unit ${most - s.start}: ${map.called} ${decimal(map.statistic[most], 1)}`;
          return `${s.site}: ${count(membersOf(s.start, s.width))} of ${count(s.width)} units${words}`;
        },
      }),
    ],
  });
}
