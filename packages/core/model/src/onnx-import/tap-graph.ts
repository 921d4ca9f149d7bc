import {
  asNumber,
  elementType,
  type GraphProto,
  graphNode,
  type ModelProto,
  type NodeProto,
  runInPlaceParts,
  type ValueInfoProto,
  valueInfo,
} from '@galvani/onnx';
import { withHidden } from './fused-values.js';
import { gatheredHead } from './gathered-head.js';
import { isPresent } from './imported-inputs.js';
import type { ImportedSite, Tap } from './imported-site.js';
import { wholeNumbers, withInterventions } from './intervened-graph.js';
import { logProbabilitiesNode, logProbabilitiesOutput, readoutParts } from './readout-nodes.js';
import { isShared } from './tensor-layout.js';

/** Inputs that the edited graph has in addition: the places whose numbers are wanted, by position, and by row of all texts' positions. */
export const positionsInput = 'galvani:positions';
export const rowsInput = 'galvani:rows';
/** Input and output of a graph that gives the log probabilities of given tokens: the tokens, one for each position that is wanted, and theirs. */
export const targetsInput = 'galvani:targets';
export const targetsOutput = 'galvani:target-log-probabilities';
/** Tap of the logits. */
export const logitsTap = 'galvani:logits';
/** The output that belongs to a site. */
export const outputOf = (site: string) => `galvani:site:${site}`;

/** The model with raw tensors as outputs, for a look at their shapes. */
export function exposeValues(model: ModelProto, values: readonly string[]): ModelProto {
  const held = new Set(model.graph.output.map(({ name }) => name));
  const more = [...new Set(values)].filter((name) => !held.has(name)).map((name) => ({ name }));
  const graph = withHidden(model.graph, values);
  return { ...model, graph: { ...graph, output: [...graph.output, ...more] } };
}

/** What of a graph is handed out and can be changed. */
export interface Tapping {
  /** The sites that are outputs. */
  sites: readonly ImportedSite[];
  logits?: Tap;
  /** The sites that can be intervened on. */
  intervened?: readonly ImportedSite[];
  /** Whether the log probabilities of given tokens are an output. */
  targets?: boolean;
  /** Size of the vocabulary whose log probabilities, entropies and tempered probabilities are outputs (`readoutParts`). Default: they are not. */
  readout?: number;
}

/**
 * The model with taps as float32 outputs [places x width], and of its own outputs only keys and values. `order` are all sites in the
 * order in which they run.
 */
export function tapGraph(model: ModelProto, order: readonly ImportedSite[], tapping: Tapping): ModelProto {
  const { sites, logits, intervened = [], targets = false, readout } = tapping;
  const changed = new Set(intervened.map(({ name }) => name));
  const used = order.filter((site) => sites.includes(site) || changed.has(site.name));
  const { graph: whole, recorded } = withInterventions(
    withHidden(
      model.graph,
      used.map(({ tap }) => tap.value),
    ),
    used,
    changed,
  );
  const head =
    logits && !isShared(logits.layout) && isRecent(model) ? gatheredHead(whole, logits.value, rowsInput) : undefined;
  const { graph, rows } = head ?? { graph: whole, rows: new Map<string, string>() };
  const taps = [
    ...sites.map(({ name, tap }) => ({ ...tap, value: recorded.get(name)! })),
    ...(logits ? [{ ...logits, name: logitsTap }] : []),
  ];
  const node: NodeProto[] = [...graph.node];
  const rowsOf = (width: number) => `galvani:rows-of:${width}`;
  for (const { name, value, layout, width } of taps) {
    const [flat, gathered] = [`${outputOf(name)}:flat`, `${outputOf(name)}:rows`];
    const made = rows.get(value);
    node.push(graphNode('Reshape', [made ?? value, rowsOf(width)], [flat]));
    if (made === undefined)
      node.push(graphNode('Gather', [flat, isShared(layout) ? positionsInput : rowsInput], [gathered], { axis: 0 }));
    node.push(graphNode('Cast', [made === undefined ? gathered : flat], [outputOf(name)], { to: elementType.float32 }));
  }
  const input = [...graph.input];
  if (taps.some(({ layout }) => isShared(layout))) input.push(indexInput(positionsInput));
  if (taps.some(({ layout }) => !isShared(layout))) input.push(indexInput(rowsInput));
  const output: ValueInfoProto[] = [
    ...graph.output.filter(({ name }) => isPresent(name)),
    ...taps.map(({ name }) => ({ name: outputOf(name) })),
  ];
  const widths = new Set(taps.map(({ width }) => width));
  const initializer = [...graph.initializer, ...[...widths].map((width) => wholeNumbers(rowsOf(width), [-1, width]))];
  if (targets) {
    node.push(logProbabilitiesNode(outputOf(logitsTap)));
    node.push(graphNode('GatherElements', [logProbabilitiesOutput, targetsInput], [targetsOutput], { axis: -1 }));
    input.push(valueInfo(targetsInput, 'int64', ['asked', 1]));
    output.push({ name: targetsOutput });
  } else if (readout !== undefined) {
    const parts = readoutParts(outputOf(logitsTap), readout);
    node.push(...parts.node);
    input.push(...parts.input);
    output.push(...parts.output);
    initializer.push(...parts.initializer);
  }
  if (!targets && isRecent(model)) {
    const inPlace = runInPlaceParts(tokenCount);
    node.push(graphNode('Size', ['input_ids'], [`${tokenCount}:wide`]));
    node.push(graphNode('Cast', [`${tokenCount}:wide`], [tokenCount], { to: elementType.int32 }));
    node.push(...inPlace.nodes);
    output.unshift(...inPlace.outputs);
  }
  return { ...model, graph: { ...graph, node, input, output, initializer } as GraphProto };
}

const tokenCount = 'galvani:token-count';

/** Whether the file's version of ONNX knows sequences, which a run in place needs, and counts from an end. */
const isRecent = ({ opsetImport }: ModelProto) =>
  opsetImport.some(({ domain, version }) => (!domain || domain === 'ai.onnx') && asNumber(version) >= 11);

const indexInput = (name: string) => valueInfo(name, 'int64', [name]);
