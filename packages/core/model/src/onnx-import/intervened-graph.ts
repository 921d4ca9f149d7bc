import { elementType, type GraphProto, graphNode, type NodeProto, type TensorProto, valueInfo } from '@galvani/onnx';
import { interventionInputs } from '../graph/intervention.js';
import type { ImportedSite } from './imported-site.js';

/** A graph whose sites can be changed, and what is recorded of them. */
export interface IntervenedGraph {
  graph: GraphProto;
  /** The tensor that a site is, by its name: what became of it, where it can be changed. */
  recorded: ReadonlyMap<string, string>;
}

const grid = 'galvani:grid';
const flat = 'galvani:flat';

/**
 * The graph in which `intervened` sites pass through `scale * y + offset`, as `intervene` does it for our own graphs: the node that makes
 * the site's tensor gives it another name, and its own name is what became of it, so that every node, subgraph and output reads that.
 *
 * @param sites in the order in which they run; of several that are one tensor each is changed after the one before
 */
export function withInterventions(
  graph: GraphProto,
  sites: readonly ImportedSite[],
  intervened: ReadonlySet<string>,
): IntervenedGraph {
  const recorded = new Map<string, string>();
  const changes = new Map<string, NodeProto[]>();
  const input = [...graph.input];
  const initializer = [...graph.initializer];
  const groups = new Map<string, ImportedSite[]>();
  for (const site of sites) groups.set(site.tap.value, [...(groups.get(site.tap.value) ?? []), site]);
  for (const [value, own] of groups) {
    const last = own.findLast(({ name }) => intervened.has(name));
    let now = last ? `galvani:unchanged:${value}` : value;
    const nodes: NodeProto[] = [];
    for (const site of own) {
      if (intervened.has(site.name)) {
        const to = site === last ? value : `galvani:changed:${site.name}`;
        nodes.push(...changing(site, now, to));
        for (const name of Object.values(interventionInputs(site.name)))
          input.push(valueInfo(name, 'float32', interventionDims(site, 'batch')));
        now = to;
      }
      recorded.set(site.name, now);
    }
    if (nodes.length > 0) changes.set(value, nodes);
  }
  const head: NodeProto[] = [];
  const flats = sites.filter(({ name, tap }) => intervened.has(name) && tap.layout === 'flat');
  if (flats.length > 0) head.push(graphNode('Shape', ['input_ids'], [grid]));
  for (const width of new Set(flats.map((site) => site.width))) {
    initializer.push(wholeNumbers(`${grid}:${width}:width`, [width]), wholeNumbers(`${flat}:${width}`, [-1, width]));
    head.push(graphNode('Concat', [grid, `${grid}:${width}:width`], [`${grid}:${width}`], { axis: 0 }));
  }
  const node = graph.node.flatMap((each) => {
    const own = each.output.filter((name) => changes.has(name));
    if (own.length === 0) return [each];
    const output = each.output.map((name) => (changes.has(name) ? `galvani:unchanged:${name}` : name));
    return [{ ...each, output }, ...own.flatMap((name) => changes.get(name)!)];
  });
  return { graph: { ...graph, node: [...head, ...node], input, initializer }, recorded };
}

/** Dimensions of a site's scale and offset: those of its tensor, the same at all positions. */
export function interventionDims<Rows extends number | string>({ tap, tail }: ImportedSite, rows: Rows) {
  if (tap.layout === 'shared-flat') return [1, ...tail];
  return [tap.layout === 'shared' ? 1 : rows, 1, ...tail];
}

/** The nodes that make `to` of a site's tensor. Numbers of float16 are changed as float32 and rounded. */
function changing(site: ImportedSite, from: string, to: string): NodeProto[] {
  const { scale, offset } = interventionInputs(site.name);
  const steps: [string, string[], Record<string, number>?][] = [];
  if (site.half) steps.push(['Cast', [], { to: elementType.float32 }]);
  if (site.tap.layout === 'flat') steps.push(['Reshape', [`${grid}:${site.width}`]]);
  steps.push(['Mul', [scale]], ['Add', [offset]]);
  if (site.tap.layout === 'flat') steps.push(['Reshape', [`${flat}:${site.width}`]]);
  if (site.half) steps.push(['Cast', [], { to: elementType.float16 }]);
  let now = from;
  return steps.map(([opType, more, attributes], i) => {
    const made = i === steps.length - 1 ? to : `galvani:change:${site.name}:${i}`;
    const node = graphNode(opType, [now, ...more], [made], attributes);
    now = made;
    return node;
  });
}

export function wholeNumbers(name: string, numbers: number[]): TensorProto {
  const data = BigInt64Array.from(numbers, BigInt);
  return { name, dims: [data.length], dataType: elementType.int64, rawData: new Uint8Array(data.buffer) };
}
