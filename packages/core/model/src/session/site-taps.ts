import { elementType, graphNode, type NodeProto, type ValueInfoProto, valueInfo } from '@galvani/onnx';
import type { Site } from '../site.js';

/** What is added to a graph for what it gives of sites: nodes that stand last, inputs and outputs. */
export interface TapParts {
  nodes: NodeProto[];
  inputs: ValueInfoProto[];
  outputs: ValueInfoProto[];
}

/** Sites as outputs. */
export function tapParts(sites: readonly Site[], half: boolean): TapParts {
  return {
    nodes: half
      ? sites.map(({ name }) => graphNode('Cast', [name], [tapOutput(name, half)], { to: elementType.float16 }))
      : [],
    inputs: [],
    outputs: sites.map(({ name, width, kind }) =>
      valueInfo(tapOutput(name, half), half ? 'float16' : 'float32', [kind === 'head' ? 'rows' : 'tokens', width]),
    ),
  };
}

/** The graph's output that a site is. */
export const tapOutput = (site: string, half: boolean) => (half ? `${site}:float16` : site);
