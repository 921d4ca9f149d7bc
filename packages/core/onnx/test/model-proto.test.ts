import { expect, test } from 'vitest';
import { decodeModel, elementType, encodeModel, type ModelProto } from '../src/model-proto.js';

const value = (name: string) => ({
  name,
  type: { tensorType: { elemType: elementType.float32, shape: { dim: [{ dimParam: 'batch' }, { dimValue: 3 }] } } },
});
const model: ModelProto = {
  irVersion: 9,
  opsetImport: [{ domain: '', version: 17 }],
  graph: {
    name: 'small',
    node: [{ opType: 'Identity', input: ['x'], output: ['y'], attribute: [{ name: 'axis', type: 2, i: -1 }] }],
    initializer: [],
    input: [value('x')],
    output: [value('y')],
    valueInfo: [],
  },
};

test('what is encoded decodes to the same', () => {
  const bytes = encodeModel(model);
  const decoded = decodeModel(bytes);
  expect(decoded.graph.node[0]).toMatchObject({ opType: 'Identity', input: ['x'], output: ['y'] });
  expect(Number(decoded.graph.node[0].attribute[0].i)).toBe(-1);
  expect(decoded.graph.input[0].type?.tensorType?.shape?.dim[0].dimParam).toBe('batch');
  expect(encodeModel(decoded)).toEqual(bytes);
});

test('fields that the schema does not name come through', () => {
  // Field 99 of the model, wire type 2, three bytes.
  const bytes = Uint8Array.from([...encodeModel(model), 0x9a, 0x06, 3, 1, 2, 3]);
  expect(Uint8Array.from(encodeModel(decodeModel(bytes)))).toEqual(bytes);
});

test.each([
  ['nothing', new Uint8Array(0)],
  ['text', new TextEncoder().encode('not a protobuf at all')],
  ['a model cut short', encodeModel(model).subarray(0, 40)],
])('%s is refused', (_, bytes) => {
  expect(() => decodeModel(bytes, 'model.onnx')).toThrow(/^model\.onnx is not an ONNX model/);
});
