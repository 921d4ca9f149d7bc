import { graphNode, Tensor, valueInfo } from '@galvani/onnx';
import { inPlaceSession } from '../in-place-session.js';

/** Number type of the matrix products. */
export type Precision = 'float32' | 'float64';

const productOf = (precision: Precision) =>
  inPlaceSession({
    nodes: [graphNode('MatMul', ['left', 'right'], ['product'])],
    inputs: [valueInfo('left', precision, ['m', 'B']), valueInfo('right', precision, ['B', 'width'])],
    outputs: [valueInfo('product', precision, ['m', 'width'])],
  });

const runProduct = { float32: productOf('float32'), float64: productOf('float64') };

/**
 * The product of rows, [rows x B], and a tile of units, [B x width], by onnxruntime, written into `out`.
 *
 * @param out [rows x width]; not to be touched until the promise is kept
 */
export async function multiplyRows(left: Tensor, right: Tensor, out: Float32Array | Float64Array): Promise<void> {
  const product = tensorOf(out, [left.dims[0], right.dims[1]]);
  await runProduct[left.type as Precision]({ left, right }, { product });
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
