import {
  encodeModel,
  graphNode,
  InferenceSession,
  runInPlace,
  runInPlaceParts,
  Tensor,
  valueInfo,
} from '@galvani/onnx';

let session: Promise<InferenceSession> | undefined;

/** The product of rows of small integers, each one too large, and a tile, written into `out`. */
export async function multiplyIntegers(left: Tensor, right: Tensor, out: Int32Array): Promise<void> {
  const inPlace = runInPlaceParts('given');
  session ??= InferenceSession.create(
    encodeModel({
      irVersion: 8,
      opsetImport: [{ version: 17 }],
      graph: {
        name: 'galvani',
        node: [...inPlace.nodes, graphNode('MatMulInteger', ['left', 'right', 'one'], ['product'])],
        initializer: [],
        input: [
          valueInfo('left', 'uint8', ['m', 'B']),
          valueInfo('right', 'int8', ['B', 'width']),
          valueInfo('one', 'uint8', []),
          valueInfo('given', 'int32', []),
        ],
        output: [...inPlace.outputs, valueInfo('product', 'int32', ['m', 'width'])],
        valueInfo: [],
      },
    }),
    { logSeverityLevel: 3, extra: { session: { intra_op: { allow_spinning: '0' } } } },
  );
  const given = new Tensor('int32', Int32Array.of(1), []);
  const one = new Tensor('uint8', Uint8Array.of(1), []);
  const product = new Tensor('int32', out, [left.dims[0], right.dims[1]]);
  await runInPlace(await session, { left, right, one, given }, { product });
}
