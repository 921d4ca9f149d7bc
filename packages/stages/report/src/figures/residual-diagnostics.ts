import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import type { Markup } from '../page/html.js';
import { decimal } from '../page/words.js';
import { siteGrid } from './site-grid.js';

/** A diagnostic of the residuals at one site, and the units that it was taken from. */
export interface SiteValue {
  layer: string;
  kind: string;
  sampled: number;
  value: number;
}

/** Mean over the sites of each layer and kind, weighted by their sampled units; sites without a value take no part. */
export function byLayerAndKind(values: readonly SiteValue[]): SiteValue[] {
  const sums = new Map<string, SiteValue>();
  for (const { layer, kind, sampled, value } of values) {
    if (!Number.isFinite(value) || sampled === 0) continue;
    const sum = sums.get(`${layer}\n${kind}`) ?? { layer, kind, sampled: 0, value: 0 };
    sum.sampled += sampled;
    sum.value += sampled * value;
    sums.set(`${layer}\n${kind}`, sum);
  }
  return [...sums.values()].map((sum) => ({ ...sum, value: sum.value / sum.sampled }));
}

/** Layers whose cells have room for their numbers. */
const mostNamed = 9;

/** A cell for each layer and kind of site with its value, darker the nearer to 1 (or to -1). */
export function residualDiagnostics(label: string, values: readonly SiteValue[]): Markup {
  const cells = byLayerAndKind(values);
  const few = new Set(values.map((v) => v.layer)).size <= mostNamed;
  const words = `${label}: ${rangeWords(
    cells,
    (c) => c.value,
    (c) => `${c.kind}, ${c.layer}`,
    decimal,
  )}.`;
  return siteGrid(words, values, mostNamed, [
    Plot.cell(cells, {
      x: 'layer',
      y: 'kind',
      fill: 'var(--accent)',
      fillOpacity: (c: SiteValue) => 0.7 * Math.min(1, Math.abs(c.value)),
      title: (c: SiteValue) => `${c.kind}, ${c.layer}: ${decimal(c.value, 3)} (${c.sampled} units sampled)`,
    }),
    few ? Plot.text(cells, { x: 'layer', y: 'kind', text: (c: SiteValue) => decimal(c.value), fontSize: 10 }) : null,
  ]);
}
