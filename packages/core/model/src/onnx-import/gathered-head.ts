import { type GraphProto, graphNode, type NodeProto, type TensorProto } from '@galvani/onnx';
import { followGraph, type GraphFlow } from './graph-flow.js';
import { wholeNumbers } from './intervened-graph.js';

/** A graph whose logits are computed of some tokens alone. */
export interface GatheredHead {
  graph: GraphProto;
  /** By tensor of the graph as it was, the one that holds the gathered tokens' rows of it. */
  rows: ReadonlyMap<string, string>;
}

/** Products with weights. */
const products = new Set(['MatMul', 'FusedMatMul', 'Gemm', 'MatMulNBits']);
/** What may stand behind the product, number by number: a bias, a scale, a cap. */
const elementwise = new Set(['Cast', 'Identity', 'Tanh', 'Add', 'Sub', 'Mul', 'Div']);

const hidden = 'galvani:head-input';

/**
 * The graph with the product that makes the logits behind the choice of tokens instead of in front of it: of a prompt only the last token's
 * logits are read, and those of all take a third of its run with 125 million parameters and a vocabulary of 50,000. Undefined where the logits are made
 * otherwise, or something else reads them.
 *
 * @param logits their tensor, [rows, positions, vocabulary] or [rows x positions, vocabulary]
 * @param index input that tells the tokens, by row of all texts' positions
 */
export function gatheredHead(graph: GraphProto, logits: string, index: string): GatheredHead | undefined {
  const flow = followGraph(graph);
  const head = headOf(flow, logits);
  if (!head) return undefined;
  const input = computedInput(flow, head[0])!;
  const at = (part: string) => `${hidden}:${part}`;
  const initializer: TensorProto[] = [wholeNumbers(at('any'), [-1]), wholeNumbers(at('last'), [-1])];
  const nodes: NodeProto[] = [
    graphNode('Shape', [input], [at('shape')]),
    graphNode('Gather', [at('shape'), at('last')], [at('width')], { axis: 0 }),
    graphNode('Concat', [at('any'), at('width')], [at('flat-shape')], { axis: 0 }),
    graphNode('Reshape', [input, at('flat-shape')], [at('flat')]),
    graphNode('Gather', [at('flat'), index], [hidden], { axis: 0 }),
  ];
  const rows = new Map([[input, hidden]]);
  for (const node of head) {
    const [made] = node.output;
    rows.set(made, `galvani:gathered:${made}`);
    nodes.push({
      ...node,
      name: `galvani:gathered:${node.name || made}`,
      input: node.input.map((name) => rows.get(name) ?? name),
      output: [rows.get(made)!],
    });
  }
  rows.delete(input);
  const left = new Set(head);
  const node = [...graph.node.filter((each) => !left.has(each)), ...nodes];
  return { graph: { ...graph, node, initializer: [...graph.initializer, ...initializer] }, rows };
}

/** The nodes from the product to the logits, if nothing else reads what they make. */
function headOf(flow: GraphFlow, logits: string): NodeProto[] | undefined {
  const head: NodeProto[] = [];
  for (let value = logits; ; ) {
    const node = flow.maker.get(value);
    if (node?.output.filter((name) => name !== '').length !== 1) return undefined;
    if (value !== logits && (flow.readers(value).length !== 1 || flow.outputs.has(value))) return undefined;
    if (value === logits && flow.readers(value).length > 0) return undefined;
    const input = computedInput(flow, node);
    if (input === undefined) return undefined;
    head.unshift(node);
    if (products.has(node.opType)) return node.input[0] === input && !isTurned(node) ? head : undefined;
    if (!elementwise.has(node.opType)) return undefined;
    value = input;
  }
}

/** The one input of a node that is not the same whatever is fed. */
function computedInput(flow: GraphFlow, node: NodeProto): string | undefined {
  const computed = flow.reads(node).filter((name) => !flow.constants.has(name));
  return computed.length === 1 && node.input.filter((name) => name === computed[0]).length === 1
    ? computed[0]
    : undefined;
}

/** Whether a product takes its first factor's columns for rows. */
const isTurned = ({ attribute }: NodeProto) =>
  attribute.some(({ name, i }) => /^trans(A|BatchA)$/.test(name) && Number(i) !== 0);
