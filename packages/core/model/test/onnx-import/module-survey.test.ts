import type { GraphProto, NodeProto } from '@galvani/onnx';
import { describe, expect, test } from 'vitest';
import { withHidden } from '../../src/onnx-import/fused-values.js';
import { withoutCacheBranch } from '../../src/onnx-import/if-branch.js';
import { modulePaths } from '../../src/onnx-import/module-path.js';
import { surveyModules } from '../../src/onnx-import/module-survey.js';
import { layoutOf } from '../../src/onnx-import/tensor-layout.js';

const node = (opType: string, input: string[], output: string[], name = '', scopes?: string): NodeProto => ({
  opType,
  input,
  output,
  name,
  attribute: [],
  metadataProps: scopes ? [{ key: 'pkg.torch.onnx.name_scopes', value: scopes }] : [],
});
const graph = (nodes: NodeProto[], weights: string[], outputs: string[]): GraphProto => ({
  node: nodes,
  initializer: weights.map((name) => ({ name, dims: [1], dataType: 1 })),
  input: [],
  output: outputs.map((name) => ({ name })),
  valueInfo: [],
});

const findTappable = (whole: GraphProto) => surveyModules(whole, new Set()).tappable;

describe('the module that a node comes from', () => {
  const pathOf = (n: NodeProto, weights: string[] = []) => modulePaths(graph([n], weights, [])).get(n);

  test('stands in its name, its metadata or its weight’s name, in this order of trust', () => {
    expect(pathOf(node('MatMul', ['x', 'w'], ['y'], '/model/layers.0/mlp/fc1/MatMul'))).toBe('model.layers.0.mlp.fc1');
    expect(pathOf(node('Add', ['x', 'w'], ['y'], 'node_add_3', "['', 'model', 'model.layers.0', 'add_3']"))).toBe(
      'model.layers.0',
    );
    expect(pathOf(node('MatMul', ['x', 'a.b.weight'], ['y'], 'MatMul_7'), ['a.b.weight'])).toBe('a.b');
    expect(pathOf(node('MatMul', ['x', 'onnx::MatMul_3'], ['y'], 'MatMul_7'), ['onnx::MatMul_3'])).toBeUndefined();
    expect(pathOf(node('Shape', ['x'], ['y'], '/Shape'))).toBe('');
  });

  test('is not guessed for a fused operator, whose output is another module’s', () => {
    expect(pathOf(node('BiasGelu', ['x', 'a.fc1.bias'], ['y'], 'BiasGelu_7'), ['a.fc1.bias'])).toBeUndefined();
  });

  test('is not the head where tokens are looked up in its weight, and stands ahead of what a fusion adds', () => {
    const tied = ['lm_head.weight'];
    expect(pathOf(node('Gather', ['lm_head.weight', 'ids'], ['y'], 'node_embedding'), tied)).toBeUndefined();
    expect(pathOf(node('MatMul', ['x', 'lm_head.weight'], ['y'], 'node_linear'), tied)).toBe('lm_head');
    const fused = '/model/layers.0/norm/Mul_1/SimplifiedLayerNormFusion/';
    expect(pathOf(node('SimplifiedLayerNormalization', ['x', 'w'], ['y'], fused))).toBe('model.layers.0.norm');
  });

  test('gets back the prefix that its weights kept', () => {
    const norm = node(
      'LayerNormalization',
      ['x', 'model.decoder.norm.weight'],
      ['y'],
      '/decoder/norm/LayerNormalization',
    );
    const other = node('MatMul', ['y', 'w'], ['z'], '/decoder/fc/MatMul');
    const head = node('MatMul', ['z', 'v'], ['logits'], '/lm_head/MatMul');
    const paths = modulePaths(graph([norm, other, head], ['model.decoder.norm.weight', 'w', 'v'], ['logits']));
    expect([...paths.values()]).toEqual(['model.decoder.norm', 'model.decoder.fc', 'lm_head']);
  });
});

test('a product and its bias are one site, a norm’s copy and a fused norm’s sum are none', () => {
  const nodes = [
    node('Cast', ['x'], ['copy'], '/layers.0/norm/Cast'),
    node('ReduceMean', ['copy'], ['mean'], '/layers.0/norm/ReduceMean'),
    node('Mul', ['copy', 'mean'], ['normed'], '/layers.0/norm/Mul'),
    node('MatMul', ['normed', 'w'], ['product'], '/layers.0/fc/MatMul'),
    node('Add', ['product', 'b'], ['biased'], '/layers.0/fc/Add'),
    node('Relu', ['biased'], ['active'], '/layers.0/act/Relu'),
    node('Add', ['copy', 'active'], ['block'], '/layers.0/Add'),
    node('MatMul', ['block', 'u'], ['more'], '/more/MatMul'),
    node('SkipLayerNormalization', ['block', 'more', 'g'], ['last', '', '', 'sum'], '/norm/SkipLayerNorm'),
    node('MatMul', ['last', 'v'], ['logits'], '/lm_head/MatMul'),
    node('Relu', ['sum'], ['unused'], '/Relu'),
  ];
  const found = findTappable(graph(nodes, ['w', 'b', 'g', 'u', 'v'], ['logits', 'unused']));
  expect(found).toEqual([
    { name: 'layers.0.norm', kind: 'norm', layer: 'block-00', value: 'normed' },
    { name: 'layers.0.fc', kind: 'linear', layer: 'block-00', value: 'biased' },
    { name: 'layers.0.act', kind: 'activation', layer: 'block-00', value: 'active' },

    { name: 'layers.0', kind: 'block', layer: 'block-00', value: 'block' },
    { name: 'more', kind: 'linear', layer: 'final', value: 'more' },
    { name: 'norm', kind: 'norm', layer: 'final', value: 'last' },
    { name: 'lm_head', kind: 'head', layer: 'final', value: 'logits' },
  ]);
});

test('a block whose last sum is fused into the next norm ends in that sum, asked for or not', () => {
  const block = (l: number, into: string) => [
    node('MatMul', [into, 'w'], [`a${l}`], `/model/layers.${l}/attn/o_proj/MatMul`),
    node(
      'SkipLayerNormalization',
      [into, `a${l}`, 'g'],
      [`n${l}`, '', '', `r${l}`],
      `/model/layers.${l}/norm/SkipLayerNorm`,
    ),
    node('MatMul', [`n${l}`, 'w'], [`m${l}`], `/model/layers.${l}/mlp/fc/MatMul`),
  ];
  const nodes = [
    node('Gather', ['w', 'ids'], ['e'], '/model/embed_tokens/Gather'),
    ...block(0, 'e'),
    node('SkipLayerNormalization', ['r0', 'm0', 'g'], ['i1', '', '', 's0'], '/model/layers.1/input_norm/SkipLayerNorm'),
    ...block(1, 's0'),
    node('SkipLayerNormalization', ['r1', 'm1', 'g'], ['n'], '/model/layers.2/final_norm_layernorm/SkipLayerNorm'),
    node('MatMul', ['n', 'w'], ['logits'], '/lm_head/MatMul'),
  ];
  const whole = graph(nodes, ['w', 'g'], ['logits']);
  const found = findTappable(whole);
  const last = (name: string) => found.filter((site) => site.name === name).at(-1)?.value;
  expect(last('model.layers.0')).toBe('s0');
  expect(last('model.layers.1')).toBe('galvani:sum:n');
  expect(last('model.norm')).toBe('n');
  expect(last('model.layers.0.self_attn.o_proj')).toBe('a0');
  expect(found.some(({ name }) => /layers\.2/.test(name))).toBe(false);
  expect(withHidden(whole, ['galvani:sum:n']).node.at(-2)!.output).toEqual(['n', '', '', 'galvani:sum:n']);
  expect(withHidden(whole, ['s0'])).toEqual(whole);
});

test('a bias that a fused operator adds is added to the product’s site, and without it there is no site', () => {
  const fused = (bias: string) =>
    graph(
      [
        node('MatMul', ['x', 'h.0.fc.weight'], ['p'], 'FullyConnect_0'),
        node('FastGelu', ['p', bias], ['a'], 'FastGelu_0'),
        node('MatMul', ['a', 'h.0.out.weight'], ['q'], 'FullyConnect_1'),
        node('SkipLayerNormalization', ['q', 'x', 'g', 'b', 'h.0.out.bias'], ['n'], 'SkipLayerNorm_0'),
        node('MatMul', ['n', 'lm_head.weight'], ['logits'], 'Head'),
      ],
      ['h.0.fc.weight', 'h.0.fc.bias', 'h.0.out.weight', 'h.0.out.bias', 'g', 'b', 'lm_head.weight'],
      ['logits'],
    );
  const values = (whole: GraphProto) => findTappable(whole).map(({ name, value }) => [name, value]);
  expect(values(fused('h.0.fc.bias'))).toEqual([
    ['h.0.fc', 'galvani:biased:p'],
    ['h.0.out', 'galvani:biased:q'],
    ['lm_head', 'logits'],
  ]);
  expect(values(fused('folded')).map(([name]) => name)).toEqual(['h.0.out', 'lm_head']);
  const added = withHidden(fused('h.0.fc.bias'), ['galvani:biased:q']).node.at(-1)!;
  expect([added.opType, added.input]).toEqual(['Add', ['q', 'h.0.out.bias']]);
});

test('a block is not guessed where what ends it has no name', () => {
  const nodes = [
    node('MatMul', ['x', 'h.0.a.weight'], ['a'], 'n1'),
    node('Add', ['a', 'x'], ['r'], 'n2'),
    node('MatMul', ['r', 'h.0.b.weight'], ['b'], 'n3'),
    node('Add', ['b', 'r'], ['s'], 'n4'),
    node('MatMul', ['s', 'lm_head.weight'], ['logits'], 'n5'),
  ];
  const found = findTappable(graph(nodes, ['h.0.a.weight', 'h.0.b.weight', 'lm_head.weight'], ['logits']));
  expect(found.map(({ name }) => name)).toEqual(['h.0.a', 'h.0.b', 'lm_head']);
});

test.each([
  [[2, 5, 7], { layout: 'rows', width: 7 }],
  [[2, 5, 4, 3], { layout: 'rows', width: 12 }],
  [[1, 5, 7], { layout: 'shared', width: 7 }],
  [[10, 7], { layout: 'flat', width: 7 }],
  [[5, 7], { layout: 'shared-flat', width: 7 }],
  [[2, 4, 5, 5], undefined],
  [[2], undefined],
  [[], undefined],
])('dimensions %j are %j', (dims, layout) => {
  const placed = layoutOf(dims, 2, 5);
  expect(placed && { layout: placed.layout, width: placed.width }).toEqual(layout);
});

test('the branch without cache takes the place of its If, under the outer names', () => {
  const branch = (name: string): GraphProto => graph([node('Relu', ['x'], [`${name}_y`])], [], [`${name}_y`, 'x']);
  const outer = node('If', ['use_cache_branch'], ['y', 'same']);
  outer.attribute = [
    { name: 'then_branch', type: 5, g: branch('then') },
    { name: 'else_branch', type: 5, g: branch('else') },
  ];
  const merged = { ...graph([outer], [], ['y', 'same']), input: [{ name: 'use_cache_branch' }, { name: 'x' }] };
  expect(withoutCacheBranch(merged).node.map(({ opType, input, output }) => ({ opType, input, output }))).toEqual([
    { opType: 'Relu', input: ['x'], output: ['y'] },
    { opType: 'Identity', input: ['x'], output: ['same'] },
  ]);
  const plain = graph([outer], [], ['y']);
  expect(withoutCacheBranch(plain)).toBe(plain);
});
