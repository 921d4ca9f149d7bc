import type { GraphProto, NodeProto } from '@galvani/onnx';
import { advised, UserMistake } from '@galvani/terminal';
import { isBiased, isFusedNorm, sumOf } from './fused-values.js';
import { followGraph, type GraphFlow, isQuantizer, movedBy } from './graph-flow.js';
import { originals } from './module-output.js';

/**
 * Says of a site's tensor why it cannot be intervened on, as the end of a sentence; undefined where it can: where everything that is
 * computed from it reads that very tensor, as it is.
 *
 * @param quantized whether numbers are quantized by what else is in a run
 */
export function whyFixed(graph: GraphProto, quantized: boolean): (value: string) => string | undefined {
  const flow = followGraph(graph);
  const sums = new Map(flow.order.filter(isFusedNorm).map((node) => [sumOf(node), node]));
  return (value) => {
    if (quantized)
      return 'the file quantizes numbers by the range of all that is in a run, so that a change of one unit would round the others anew';
    const sum = sums.get(value);
    if (sum) return `${sum.opType} adds the residual stream and normalizes it in one step`;
    if (isBiased(value)) return 'the operator behind it adds its bias in one step with its own work';
    const maker = flow.maker.get(value);
    if (!maker) return 'it is an input of the file';
    const quantizer = quantizerBehind(flow, value);
    if (quantizer) return `${quantizer.opType} behind it rounds it to whole numbers of a range that does not change`;
    return copiesBeside(flow, value) ? 'the file holds more than one copy of it' : undefined;
  };
}

/** What a person is told who wants to change units of such a site. */
export const fixedSite = (site: string, file: string, why: string) =>
  new UserMistake(
    `${site} of ${file} cannot be intervened on: ${why}. Choose another site (${advised('sites')} tells which), or name the folder of the checkpoint that the file was exported from.`,
  );

/** A quantizer that a tensor goes to, moved or converted or as it is. */
function quantizerBehind(flow: GraphFlow, value: string): NodeProto | undefined {
  for (const reader of flow.readers(value)) {
    if (isQuantizer(reader)) return reader;
    const behind = movedBy(reader, flow.weights).includes(value) ? reader.output : [];
    for (const name of behind) {
      const found = quantizerBehind(flow, name);
      if (found) return found;
    }
  }
  return undefined;
}

/** Whether what a tensor is moved or converted from goes elsewhere too. */
function copiesBeside(flow: GraphFlow, value: string): boolean {
  const chain = new Set([value, ...originals(flow, value)]);
  return [...chain].some(
    (name) =>
      name !== value &&
      !flow.constants.has(name) &&
      (flow.outputs.has(name) ||
        flow
          .readers(name)
          .some(({ opType, output }) => opType !== 'Shape' && opType !== 'Size' && !output.some((o) => chain.has(o)))),
  );
}
