import {
  type Attribute,
  type Dimension,
  graphNode,
  type NodeProto,
  type ValueInfoProto,
  valueInfo,
} from '@galvani/onnx';
import type { Site, SiteKind } from '../site.js';
import { intervene } from './intervention.js';

/** The name of a tensor in the graph. */
export type Value = string;

/** A float32 constant of the graph: a tensor of the checkpoint, by name, or numbers computed from its configuration. */
export type Constant =
  | { kind: 'checkpoint'; value: Value; tensor: string; dims: number[] }
  | { kind: 'numbers'; value: Value; data: Float32Array | BigInt64Array; dims: number[] };

/** A graph under construction: nodes in the order in which they run. */
export interface Graph {
  nodes: NodeProto[];
  inputs: ValueInfoProto[];
  outputs: ValueInfoProto[];
  constants: Constant[];
  sites: Site[];
}

/** Adds inputs, nodes, constants and sites to a graph. Activations are two-dimensional throughout: [batch x sequence, width]. */
export interface GraphBuilder {
  readonly graph: Graph;
  input(name: string, type: 'float32' | 'float16' | 'int64' | 'int32', dims: Dimension[]): Value;
  /** Adds a node and returns its outputs' names. */
  nodes(opType: string, inputs: Value[], outputs: number, attributes?: Record<string, Attribute>): Value[];
  /** Adds a node of one output. */
  node(opType: string, inputs: Value[], attributes?: Record<string, Attribute>): Value;
  /** A tensor of the checkpoint. Asking twice gives the same constant. */
  weight(tensor: string, dims: number[]): Value;
  /** Numbers that are not in the checkpoint; `key` names them, and asking twice gives the same constant. */
  numbers(key: string, data: Float32Array | BigInt64Array, dims: number[]): Value;
  /** Whole numbers as an int64 vector, for Reshape and the like. */
  shape(dims: number[]): Value;
  /** Names `value` as a site (`Site.name`). Returns the value to go on with: of a site that is intervened on what the intervention makes of it. */
  site(name: string, kind: SiteKind, width: number, value: Value): Value;
  /** Says that a site can be had, and whether it is asked for: only then it is to be built, as what is computed for nobody costs time all the same. */
  offers(name: string, kind: SiteKind, width: number): boolean;
  /** Sites that follow belong to this layer: `embeddings`, `block-00`…, `final`. */
  enterLayer(layer: string): void;
  output(name: string, value: Value, type: 'float32' | 'int64', dims: Dimension[]): void;
}

/** Names of sites that somebody wants. */
export interface AskedSites {
  /** Can be intervened on: each has two inputs of its own (`interventionInputs`). */
  intervened?: ReadonlySet<string>;
  /** Are recorded. */
  recorded?: ReadonlySet<string>;
}

export function createGraphBuilder({ intervened = new Set(), recorded = new Set() }: AskedSites = {}): GraphBuilder {
  const graph: Graph = { nodes: [], inputs: [], outputs: [], constants: [], sites: [] };
  const constants = new Map<string, Value>();
  const named = new Set<string>();
  let layer = 'embeddings';
  let count = 0;
  const builder: GraphBuilder = {
    graph,
    input(name, type, dims) {
      graph.inputs.push(valueInfo(name, type, dims));
      return name;
    },
    nodes(opType, inputs, outputs, attributes) {
      const names = Array.from({ length: outputs }, () => `${opType}_${count++}`);
      graph.nodes.push({ ...graphNode(opType, inputs, names, attributes), name: names[0] });
      return names;
    },
    node: (opType, inputs, attributes) => builder.nodes(opType, inputs, 1, attributes)[0],
    weight(tensor, dims) {
      const known = constants.get(tensor);
      if (known) return known;
      const value = `weight:${tensor}`;
      constants.set(tensor, value);
      graph.constants.push({ kind: 'checkpoint', value, tensor, dims });
      return value;
    },
    numbers(key, data, dims) {
      const value = `constant:${key}`;
      if (!constants.has(value)) {
        constants.set(value, value);
        graph.constants.push({ kind: 'numbers', value, data, dims });
      }
      return value;
    },
    shape: (dims) => builder.numbers(`shape.${dims.join('x')}`, BigInt64Array.from(dims, BigInt), [dims.length]),
    site(name, kind, width, value) {
      graph.sites.push({ name, width, kind, layer });
      // Two sites with one tensor (a block that ends in its norm): the second gets a name of its own.
      const own = named.has(value) ? builder.node('Identity', [value]) : value;
      rename(graph, intervened.has(name) ? intervene(builder, name, kind, width, own) : own, name);
      named.add(name);
      return name;
    },
    offers(name, kind, width) {
      const asked = intervened.has(name) || recorded.has(name);
      if (!asked) graph.sites.push({ name, width, kind, layer });
      return asked;
    },
    enterLayer(name) {
      layer = name;
    },
    output(name, value, type, dims) {
      if (value !== name) rename(graph, value, name);
      graph.outputs.push(valueInfo(name, type, dims));
    },
  };
  return builder;
}

/** Gives a value another name where it is made and where it is read. */
function rename(graph: Graph, from: Value, to: Value): void {
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const { input, output } = graph.nodes[i];
    for (let k = 0; k < input.length; k++) if (input[k] === from) input[k] = to;
    const at = output.indexOf(from);
    if (at < 0) continue;
    output[at] = to;
    return;
  }
  throw new Error(`no node makes ${from}`);
}
