import { elementType, graphNode, type NodeProto, type ValueInfoProto, valueInfo } from '@galvani/onnx';
import type { Site } from '../site.js';

/** What is added to a graph for what it gives of sites: nodes that stand last, inputs and outputs. */
export interface TapParts {
  nodes: NodeProto[];
  inputs: ValueInfoProto[];
  outputs: ValueInfoProto[];
}

/**
 * Sites as outputs.
 *
 * @param chosen whether of each site the rows that the graph's input `head_rows` chooses are given, and not all (the head has no others)
 */
export function tapParts(sites: readonly Site[], half: boolean, chosen = false): TapParts {
  if (chosen) return chosenParts(sites, half);
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

/** The graph's output that the chosen rows of a site are. */
export const chosenOutput = (site: string, half: boolean) => `${tapOutput(site, half)}:chosen`;

function chosenParts(sites: readonly Site[], half: boolean): TapParts {
  const type = half ? 'float16' : 'float32';
  return {
    nodes: sites.flatMap(({ name, kind }) => {
      const out = chosenOutput(name, half);
      const rows = half ? `${name}:rows` : out;
      const taken =
        kind === 'head'
          ? graphNode('Identity', [name], [rows])
          : graphNode('Gather', [name, 'head_rows'], [rows], { axis: 0 });
      return half ? [taken, graphNode('Cast', [rows], [out], { to: elementType.float16 })] : [taken];
    }),
    inputs: [],
    outputs: sites.map(({ name, width }) => valueInfo(chosenOutput(name, half), type, ['rows', width])),
  };
}
