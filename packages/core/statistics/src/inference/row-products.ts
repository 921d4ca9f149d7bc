import {
  encodeModel,
  graphNode,
  InferenceSession,
  runInPlace,
  runInPlaceParts,
  Tensor,
  valueInfo,
} from '@galvani/onnx';

/** Number type of the matrix products. */
export type Precision = 'float32' | 'float64';

/** Sessions by number type: there are two, and making a session takes longer than a small test. */
const sessions = new Map<Precision, Promise<InferenceSession>>();

/**
 * The product of rows, [rows x B], and a tile of units, [B x width], by onnxruntime, written into `out`.
 *
 * @param out [rows x width]; not to be touched until the promise is kept
 */
export async function multiplyRows(left: Tensor, right: Tensor, out: Float32Array | Float64Array): Promise<void> {
  const precision = left.type as Precision;
  const session = await sessionFor(precision);
  const product = tensorOf(out, [left.dims[0], right.dims[1]]);
  await runInPlace(session, { left, right, given: new Tensor('int32', Int32Array.of(1), []) }, { product });
}

/** Values as a tensor that shares their memory. */
export function tensorOf(values: Float32Array | Float64Array, shape: readonly number[]): Tensor {
  return values instanceof Float64Array
    ? new Tensor('float64', values, shape as number[])
    : new Tensor('float32', values, shape as number[]);
}

/** New zeros of a number type. */
export function numbersOf(precision: Precision, length: number): Float32Array | Float64Array {
  return precision === 'float64' ? new Float64Array(length) : new Float32Array(length);
}

function sessionFor(precision: Precision): Promise<InferenceSession> {
  let session = sessions.get(precision);
  if (!session) {
    const inPlace = runInPlaceParts('given');
    const model = encodeModel({
      irVersion: 8,
      opsetImport: [{ version: 17 }],
      graph: {
        name: 'galvani',
        node: [...inPlace.nodes, graphNode('MatMul', ['left', 'right'], ['product'])],
        initializer: [],
        input: [
          valueInfo('left', precision, ['m', 'B']),
          valueInfo('right', precision, ['B', 'width']),
          valueInfo('given', 'int32', []),
        ],
        output: [...inPlace.outputs, valueInfo('product', precision, ['m', 'width'])],
        valueInfo: [],
      },
    });
    session = InferenceSession.create(model, {
      logSeverityLevel: 3,
      // Threads that wait for work by spinning slow down small tests on a busy machine and gain nothing on large ones.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    sessions.set(precision, session);
  }
  return session;
}
