import type { Value } from '../graph/graph-builder.js';
import type { Site } from '../site.js';
import { attributeOf, elementwise, type GraphIndex, gainOfHeads, norms, parameterOf } from './graph-index.js';
import { splitPlaces } from './unit-places.js';
import type { Passage, SiteWeights, WeightSlices } from './weight-slices.js';

/**
 * The weights that write to a site's units, found by walking the graph backwards from the site to the first weights on each way: the
 * rows of a product and its bias, a norm's gain and bias, an embedding table's columns. What comes from another layer is not
 * followed: its weights are those of that layer's sites.
 */
export function writingWeights(index: GraphIndex, site: Site): Pick<SiteWeights, 'writes' | 'writtenThrough'> {
  const writes: WeightSlices[] = [];
  const through = new Set<Passage>();
  const units = Int32Array.from({ length: site.width }, (_, u) => u);
  const seen = new Set<string>();
  const add = (value: Value | undefined, axis: 0 | 1, places: Int32Array) => {
    const found = value === undefined ? undefined : parameterOf(index, value);
    if (!found) return;
    // A gain of a head's size serves all heads.
    const length = found.shape[axis];
    writes.push({ ...found, axis, places: places.map((place) => place % length), units });
  };
  /** `places[unit]`: which of the value's numbers of a token the unit is made of. */
  const visit = (value: Value, places: Int32Array): void => {
    const once = `${places[0]} ${value}`;
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
      add(node.input[1], attributeOf(node, 'transB', 0) === 1 ? 0 : 1, places);
      add(node.input[2], 0, places);
    } else if (op === 'Gather') add(node.input[0], 1, places);
    else if (norms.has(op)) {
      through.add('statistics');
      for (const stored of node.input.slice(1)) add(stored, 0, places);
    } else if (elementwise.has(op)) {
      const gain = gainOfHeads(index, node);
      if (gain)
        writes.push({ ...gain, axis: 0, places: places.map((place) => Math.floor(place / gain.shape[1])), units });
      for (const input of node.input) visit(input, places);
    } else if (op === 'Reshape') visit(node.input[0], places);
    else if (op === 'Split') visit(node.input[0], splitPlaces(index, node, value, places));
    else throw new Error(`${site.name}: no rule says what writes through ${op}`);
  };
  visit(site.name, units);
  return { writes, writtenThrough: [...through].sort() };
}
