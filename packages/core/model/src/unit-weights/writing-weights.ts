import type { Value } from '../graph/graph-builder.js';
import type { Site } from '../site.js';
import { attributeOf, elementwise, type GraphIndex, norms, parameterOf } from './graph-index.js';
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
  const seen = new Set<Value>();
  const add = (value: Value | undefined, axis: 0 | 1) => {
    const found = value === undefined ? undefined : parameterOf(index, value);
    if (!found) return false;
    // A gain of a head's size serves all heads.
    const length = found.shape[axis];
    const places = length === site.width ? units : units.map((u) => u % length);
    writes.push({ ...found, axis, places, units });
    return true;
  };
  const visit = (value: Value): void => {
    if (seen.has(value) || index.constants.has(value)) return;
    seen.add(value);
    const other = index.sites.get(value);
    if (other && other.layer !== site.layer) {
      through.add('stream');
      return;
    }
    const node = index.made.get(value);
    const op = node?.opType ?? '';
    if (!node) throw new Error(`no node makes ${value}`);
    if (op === 'Gemm') {
      add(node.input[1], attributeOf(node, 'transB', 0) === 1 ? 0 : 1);
      add(node.input[2], 0);
    } else if (op === 'Gather') add(node.input[0], 1);
    else if (norms.has(op)) {
      through.add('statistics');
      for (const stored of node.input.slice(1)) add(stored, 0);
    } else if (elementwise.has(op)) node.input.forEach(visit);
    else if (op === 'Reshape') visit(node.input[0]);
    else throw new Error(`${site.name}: no rule says what writes through ${op}`);
  };
  visit(site.name);
  return { writes, writtenThrough: [...through].sort() };
}
