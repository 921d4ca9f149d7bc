import {
  elementType,
  encodeModel,
  type GraphProto,
  graphNode,
  InferenceSession,
  type NodeProto,
  Tensor,
  type TensorProto,
  valueInfo,
} from '@galvani/onnx';
import { expect, test } from 'vitest';
import { gatheredHead } from '../../src/onnx-import/gathered-head.js';

const [texts, positions, width, vocabulary] = [2, 3, 4, 5];
const index = 'wanted';

const floats = (name: string, dims: number[]): TensorProto => {
  const values = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1 + i) / 2);
  return { name, dims, dataType: elementType.float32, rawData: new Uint8Array(values.buffer) };
};
const initializer = [
  floats('weights', [width, vocabulary]),
  floats('turned', [vocabulary, width]),
  floats('bias', [vocabulary]),
  floats('scale', [1, 1, 1]),
  floats('square', [positions, positions]),
];

/** A graph from `norm` [texts, positions, width] on. */
function graphOf(node: NodeProto[], more: Partial<GraphProto> = {}): GraphProto {
  return {
    ...{ name: 'head', node, initializer, valueInfo: [] },
    input: [valueInfo('norm', 'float32', [texts, positions, width])],
    output: [{ name: 'logits' }],
    ...more,
  } as GraphProto;
}

async function run(graph: GraphProto, feeds: Record<string, Tensor>): Promise<number[]> {
  const bytes = encodeModel({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph } as never);
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const [output] = Object.values(await session.run(feeds));
  await session.release();
  return [...(output.data as Float32Array)];
}

const norm = new Tensor(
  'float32',
  Float32Array.from({ length: texts * positions * width }, (_, i) => Math.cos(3 * i)),
  [texts, positions, width],
);

const product = graphNode('MatMul', ['norm', 'weights'], ['logits']);
const heads: Record<string, NodeProto[]> = {
  'a product': [product],
  'a product with turned weights': [
    graphNode('Transpose', ['turned'], ['upright'], { perm: [1, 0] }),
    graphNode('MatMul', ['norm', 'upright'], ['logits']),
  ],
  'a product with a bias': [
    graphNode('MatMul', ['norm', 'weights'], ['raw']),
    graphNode('Add', ['bias', 'raw'], ['logits']),
  ],
  'capped logits': [
    graphNode('MatMul', ['norm', 'weights'], ['raw']),
    graphNode('Div', ['raw', 'scale'], ['divided']),
    graphNode('Tanh', ['divided'], ['bent']),
    graphNode('Mul', ['bent', 'scale'], ['logits']),
  ],
};

test.each(Object.entries(heads))('%s is computed of the wanted tokens alone', async (_, nodes) => {
  const graph = graphOf(nodes);
  const whole = await run(graph, { norm });
  const head = gatheredHead(graph, 'logits', index)!;
  expect(head.graph.node).not.toContain(nodes.at(-1));
  const wanted = [4, 0, 5];
  const gathered = {
    ...head.graph,
    input: [...graph.input, valueInfo(index, 'int64', ['places'])],
    output: [{ name: head.rows.get('logits')! }],
  } as GraphProto;
  const feeds = { norm, [index]: new Tensor('int64', BigInt64Array.from(wanted, BigInt), [wanted.length]) };
  const found = await run(gathered, feeds);
  const expected = wanted.flatMap((row) => whole.slice(row * vocabulary, (row + 1) * vocabulary));
  expect(found).toHaveLength(expected.length);
  for (const [i, x] of expected.entries()) expect(found[i]).toBeCloseTo(x, 6);
});

const raw = graphNode('MatMul', ['norm', 'weights'], ['raw']);
const doubled = graphNode('Add', ['raw', 'bias'], ['logits']);
const others: Record<string, GraphProto> = {
  'something else reads the product': graphOf([raw, doubled, graphNode('Relu', ['raw'], ['also'])]),
  'something else reads the logits': graphOf([product, graphNode('Relu', ['logits'], ['also'])]),
  'the product is an output too': graphOf([raw, doubled], { output: [{ name: 'logits' }, { name: 'raw' }] } as never),
  'both factors are computed': graphOf([
    graphNode('Transpose', ['norm'], ['back'], { perm: [0, 2, 1] }),
    graphNode('MatMul', ['norm', 'back'], ['logits']),
  ]),
  'positions are mixed': graphOf([graphNode('MatMul', ['square', 'norm'], ['logits'])]),
  'logits are one vocabulary’s shares': graphOf([raw, graphNode('Softmax', ['raw'], ['logits'], { axis: -1 })]),
  'the product’s first factor is turned': graphOf([
    { ...graphNode('FusedMatMul', ['norm', 'weights'], ['logits'], { transA: 1 }), domain: 'com.microsoft' },
  ]),
};

test.each(Object.entries(others))('the graph stays as it is where %s', (_, graph) => {
  expect(gatheredHead(graph, 'logits', index)).toBeUndefined();
});
