import * as Plot from '@observablehq/plot';
import { above, below, faintest, strongest } from '../page/colour.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { decimal } from '../page/words.js';
import type { DrawnMap } from '../results/drawn-map.js';
import { layerLabel, shortLayerLabel } from './unit-map.js';
import type { Membership } from './unit-raster.js';

/** A head of attention as a unit. */
interface Head {
  layer: string;
  head: number;
  /** NaN where it was not tested. */
  statistic: number;
  member: boolean;
}

/** The heads of a map, block after block; none where heads were not recorded. */
export function headsOf(map: DrawnMap, members: Membership): Head[] {
  return map.sites
    .filter(({ kind }) => kind === 'heads')
    .flatMap(({ layer, start, width }) =>
      Array.from({ length: width }, (_, head) => ({
        ...{ layer, head, member: members[start + head] !== 0 },
        statistic: map.flags[start + head] === 0 ? map.statistic[start + head] : Number.NaN,
      })),
    );
}

/** A cell for each head, blocks from left to right, in the colours of the map of all units; members have a border. */
export function headsMap(label: string, heads: readonly Head[], called: string, threshold: number): Markup {
  const layers = [...new Set(heads.map(({ layer }) => layer))];
  const numbers = Array.from({ length: Math.max(...heads.map(({ head }) => head)) + 1 }, (_, head) => head);
  const height = Math.max(6, Math.min(22, 360 / numbers.length));
  const opacity = ({ statistic, member }: Head) => {
    const part = Math.abs(statistic) / threshold;
    return member
      ? strongest + (1 - strongest) * Math.min(1, Math.max(0, (part - 1) / 2))
      : faintest * Math.min(1, part);
  };
  const tested = heads.filter(({ statistic }) => Number.isFinite(statistic));
  const at = { x: 'layer', y: 'head' } as const;
  const every = (n: number, i: number) => n <= 14 || i % 4 === 0;
  return drawPlot(label, {
    width: 360,
    height: 26 + height * numbers.length,
    ...{ marginLeft: 24, marginRight: 2, marginTop: 22, marginBottom: 4 },
    x: { domain: layers, axis: null, padding: 0.08 },
    y: { domain: numbers, axis: null, padding: 0.08 },
    marks: [
      Plot.axisX(layers, {
        ...{ anchor: 'top', tickSize: 0, label: null },
        tickFormat: (layer: string, i: number) => (every(layers.length, i) ? shortLayerLabel(layer) : ''),
      }),
      Plot.axisY(numbers, {
        ...{ anchor: 'left', tickSize: 0, label: null },
        tickFormat: (head: number, i: number) => (every(numbers.length, i) ? String(head) : ''),
      }),
      Plot.cell(heads as Head[], { ...at, fill: 'var(--wash)', ariaHidden: 'true' }),
      Plot.cell(tested, {
        ...at,
        fill: ({ statistic }: Head) => (statistic > 0 ? above : below),
        fillOpacity: opacity,
        stroke: ({ member }: Head) => (member ? 'currentColor' : 'none'),
        title: ({ layer, head, statistic, member }: Head) =>
          `${layerLabel(layer)}, head ${head}: ${called} ${decimal(statistic, 1)}${member ? ', in the network' : ''}`,
      }),
    ],
    color: { type: 'identity' },
    opacity: { type: 'identity' },
  });
}
