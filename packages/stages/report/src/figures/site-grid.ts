import * as Plot from '@observablehq/plot';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { shortLayerLabel } from './unit-map.js';

/** A grid of layers, from input to output, by kinds of site; `marks` are drawn in it at x `layer` and y `kind`. */
export function siteGrid(
  label: string,
  cells: readonly { layer: string; kind: string }[],
  /** Layers up to which each has its name; of more every fourth has. */
  mostNamed: number,
  marks: Plot.Markish[],
): Markup {
  const layers = [...new Set(cells.map(({ layer }) => layer))];
  const kinds = [...new Set(cells.map(({ kind }) => kind))];
  const few = layers.length <= mostNamed;
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
      ...marks,
    ],
    opacity: { type: 'identity' },
  });
}
