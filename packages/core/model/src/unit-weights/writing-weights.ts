import type { Value } from '../graph/graph-builder.js';
import type { Site } from '../site.js';
import {
  attentions,
  attributeOf,
  elementwise,
  type GraphIndex,
  gainOfHeads,
  norms,
  parameterOf,
} from './graph-index.js';
import { eachOnce, joinedOrigins, originOf, type UnitPlaces, valuePlaces } from './unit-origins.js';
import type { Passage, SiteWeights, WeightSlices } from './weight-slices.js';

/** What numbers are made of that follow from tokens' positions alone: no weight writes them. */
const ofPositions: ReadonlySet<string> = new Set(['Log']);

/**
 * The weights that write to a site's units, found by walking the graph backwards from the site to the first weights on each way: the
 * rows of a product and its bias, a norm's gain and bias, an embedding table's columns. What comes from another layer is not
 * followed: its weights are those of that layer's sites.
 */
export function writingWeights(index: GraphIndex, site: Site): Pick<SiteWeights, 'writes' | 'writtenThrough'> {
  const writes: WeightSlices[] = [];
  const through = new Set<Passage>();
  const seen = new Set<string>();
  const add = (value: Value | undefined, axis: 0 | 1, { places, units }: UnitPlaces) => {
    const found = value === undefined ? undefined : parameterOf(index, value);
    if (!found) return;
    // A gain of a head's size serves all heads.
    const length = found.shape[axis];
    writes.push({ ...found, axis, places: places.map((place) => place % length), units });
  };
  /** `at`: which of the value's numbers of a token the units are made of; `gained`: a gain of heads was found on the way. */
  const visit = (value: Value, at: UnitPlaces, gained = false): void => {
    const once = `${at.places[0]} ${value}`;
    if (seen.has(once) || index.constants.has(value)) return;
    seen.add(once);
    const other = index.sites.get(value);
    if (other && other.layer !== site.layer) {
      through.add('stream');
      return;
    }
    const node = index.made.get(value);
    const op = node?.opType ?? '';
    if (!node) throw new Error(`no node makes ${value}`);
    if (op === 'Gemm') {
      add(node.input[1], attributeOf(node, 'transB', 0) === 1 ? 0 : 1, at);
      add(node.input[2], 0, at);
    } else if (op === 'Gather') add(node.input[0], 1, at);
    else if (norms.has(op)) {
      through.add('statistics');
      const known = writes.length;
      for (const stored of node.input.slice(1)) add(stored, 0, at);
      // Without a gain, what is behind it is written by what writes to what is before it, such as values that are normalized.
      if (writes.length === known && !gained && site.kind !== 'norm') visit(node.input[0], at);
    } else if (elementwise.has(op)) {
      const gain = gainOfHeads(index, node);
      if (gain) {
        const places = at.places.map((place) => Math.floor(place / gain.shape[1]));
        writes.push({ ...gain, axis: 0, ...eachOnce({ places, units: at.units }) });
      }
      for (const input of node.input) visit(input, at, gained || gain !== undefined);
    } else if (attentions.has(op)) {
      through.add('attention');
      visit(node.input[2], valuePlaces(index, node, at));
    } else if (op === 'CausalConvWithState') {
      add(node.input[1], 0, at);
      visit(node.input[0], at);
    } else if (op === 'Concat') {
      for (const [k, own] of joinedOrigins(index, node, at).entries())
        if (own.units.length > 0) visit(node.input[k], own, gained);
    } else if (!ofPositions.has(op)) {
      const before = originOf(index, node, value, at);
      if (!before) throw new Error(`${site.name}: no rule says what writes through ${op}`);
      visit(node.input[0], before, gained);
    }
  };
  const units = Int32Array.from({ length: site.width }, (_, u) => u);
  visit(site.name, { places: units, units });
  return { writes, writtenThrough: [...through].sort() };
}
