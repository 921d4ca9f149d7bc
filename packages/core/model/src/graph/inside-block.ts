import { insideModule } from '../site.js';
import type { Value } from './graph-builder.js';
import type { Building } from './module.js';

/** The residual stream between attention and feed-forward, [rows, width], named as a site of the block. */
export function residualMiddle(b: Building, block: string, width: number, value: Value): Value {
  return b.graph.site(insideModule(block, 'resid_mid'), 'residual', width, value);
}

/** What a feed-forward's gate lets through, [rows, width], named as a site: its hidden units. */
export function gatedProduct(b: Building, module: string, width: number, gate: Value, through: Value): Value {
  return b.graph.site(insideModule(module, 'gated'), 'gated', width, b.graph.node('Mul', [gate, through]));
}

/** Queries, keys and values that a product gave as one, [rows, width] each, named as sites of attention. */
export function splitSites(b: Building, module: string, parts: readonly Value[], widths: readonly number[]): Value[] {
  const kinds = ['query', 'key', 'value'] as const;
  return kinds.map((kind, i) => b.graph.site(insideModule(module, kind[0]), kind, widths[i], parts[i]));
}
