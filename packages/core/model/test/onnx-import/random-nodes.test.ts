import type { GraphProto, ModelProto, NodeProto, TensorProto } from '@galvani/onnx';
import { expect, test } from 'vitest';
import { randomNodes } from '../../src/onnx-import/random-nodes.js';

const node = (opType: string, input: string[], attribute: NodeProto['attribute'] = []): NodeProto => ({
  opType,
  input,
  output: ['y'],
  name: '',
  attribute,
});
const scalar = (name: string, dataType: number, bytes: number[]): TensorProto => ({
  name,
  dims: [],
  dataType,
  rawData: Uint8Array.from(bytes),
});
const constants = [
  scalar('on', 9, [1]),
  scalar('off', 9, [0]),
  scalar('tenth', 1, [0xcd, 0xcc, 0xcc, 0x3d]),
  scalar('none', 1, [0, 0, 0, 0]),
];
const graph = (...nodes: NodeProto[]): GraphProto => ({
  node: nodes,
  initializer: constants,
  input: [],
  output: [],
  valueInfo: [],
});
const model = (whole: GraphProto, functions: NodeProto[] = [], version = 17): ModelProto => ({
  irVersion: 8,
  opsetImport: [{ domain: '', version }],
  graph: whole,
  functions: functions.length > 0 ? [{ name: 'f', input: ['x', 'train'], output: ['y'], node: functions }] : [],
});
const found = (...nodes: NodeProto[]) => randomNodes(model(graph(...nodes))).length;

test.each(['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Multinomial', 'Bernoulli'])(
  '%s draws, wherever it stands',
  (opType) => {
    expect(randomNodes(model(graph(node(opType, ['x']))))).toEqual([`${opType} that makes y`]);
    const inner = node('If', ['c'], [{ name: 'then_branch', type: 5, g: graph(node(opType, ['x'])) }]);
    expect(found(inner)).toBe(1);
    expect(randomNodes(model(graph(node('f', ['x'])), [node(opType, ['x'])]))).toHaveLength(1);
  },
);

test('a dropout draws where it is switched on and has a ratio', () => {
  expect(found(node('Dropout', ['x']))).toBe(0);
  expect(found(node('Dropout', ['x', 'tenth']))).toBe(0);
  expect(found(node('Dropout', ['x', 'tenth', 'off']))).toBe(0);
  expect(found(node('Dropout', ['x', 'none', 'on']))).toBe(0);
  expect(found(node('Dropout', ['x', 'tenth', 'on']))).toBe(1);
  expect(found(node('Dropout', ['x', '', 'on']))).toBe(1);
  expect(found(node('Dropout', ['x', 'tenth', 'computed']))).toBe(1);
  expect(found(node('BiasDropout', ['x', 'b', '', 'tenth', 'on']))).toBe(1);
});

test('a dropout inside a branch knows the switches outside, and one in a function those that it sets', () => {
  const inside = (input: string[]) =>
    node('If', ['c'], [{ name: 'then_branch', type: 5, g: { ...graph(node('Dropout', input)), initializer: [] } }]);
  expect(found(inside(['x', 'tenth', 'on']))).toBe(1);
  expect(found(inside(['x', 'tenth', 'off']))).toBe(0);
  const train = { ...node('Constant', [], [{ name: 'value', type: 4, t: constants[0] }]), output: ['on'] };
  expect(randomNodes(model(graph(), [train, node('Dropout', ['x', '', 'on'])]))).toHaveLength(1);
  expect(randomNodes(model(graph(), [node('Dropout', ['x', '', 'train'])]))).toEqual([]);
});
