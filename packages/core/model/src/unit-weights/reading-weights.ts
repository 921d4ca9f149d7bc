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
import { attendedPlaces, movedPlaces, type Places } from './unit-places.js';
import type { Passage, SiteWeights, WeightSlices } from './weight-slices.js';

/**
 * The weights that read from a site's units, found by walking the graph onwards from the site to the first weights on each way: the
 * columns of a product, a norm's gain. Values are followed through attention, which sums them over positions and leaves
 * each in its place; queries and keys end in its patterns. What joins the residual stream is followed to the end of its block.
 */
export function readingWeights(index: GraphIndex, site: Site): Pick<SiteWeights, 'reads' | 'readThrough'> {
  const reads: WeightSlices[] = [];
  const through = new Set<Passage>();
  const seen = new Set<Value>();
  const push = (
    found: { parameter: string; shape: number[] },
    axis: 0 | 1,
    units: Int32Array,
    placeOf: (i: number) => number,
  ) => {
    const own = Array.from(units.keys()).filter((i) => units[i] >= 0);
    reads.push({ ...found, axis, places: Int32Array.from(own, placeOf), units: Int32Array.from(own, (i) => units[i]) });
  };
  const add = (value: Value, axis: 0 | 1, { units }: Places) => {
    const found = parameterOf(index, value);
    if (found) push(found, axis, units, (i) => i % found.shape[axis]);
    return found !== undefined;
  };
  const visit = (value: Value, places: Places): void => {
    if (seen.has(value) || places.units.every((unit) => unit < 0)) return;
    seen.add(value);
    for (const { node, input } of index.taken.get(value) ?? []) {
      const { opType: op, output } = node;
      if (op === 'Gemm') add(node.input[1], attributeOf(node, 'transB', 0) === 1 ? 1 : 0, places);
      else if (norms.has(op)) {
        through.add('statistics');
        // Without a gain the norm hands each unit on, and the next weights are its readers.
        if (!add(node.input[1], 0, places)) visit(output[0], places);
      } else if (op === 'RotaryEmbedding' || (attentions.has(op) && input !== 2)) through.add('attention');
      else if (attentions.has(op)) visit(output[0], attendedPlaces(node, places));
      else if (op === 'CausalConvWithState') add(node.input[1], 0, places);
      // What a convolution goes on from in the next run, which the same weights read.
      else if (op === 'Concat' && index.taken.get(output[0])?.every((taker) => taker.node.opType === 'GatherND'))
        continue;
      // Heads that several others share.
      else if (op === 'Expand') through.add('attention');
      // The check that all is finite.
      else if (op === 'ReduceSum') continue;
      else if (op === 'LogSoftmax') through.add('softmax');
      else if ((op === 'Add' || op === 'Mul') && index.sites.get(output[0])?.kind === 'block') through.add('stream');
      else if (elementwise.has(op)) {
        const gain = gainOfHeads(index, node);
        if (gain) push(gain, 0, places.units, (i) => Math.floor(i / gain.shape[1]));
        else visit(output[0], places);
      } else {
        const moved = movedPlaces(index, node, input, places);
        if (!moved) throw new Error(`${site.name}: no rule says what reads through ${op}`);
        for (const [k, each] of moved.entries()) visit(output[k], each);
      }
    }
  };
  const units = Int32Array.from({ length: site.width }, (_, u) => u);
  visit(site.name, { units, last: site.width });
  return { reads, readThrough: [...through].sort() };
}
