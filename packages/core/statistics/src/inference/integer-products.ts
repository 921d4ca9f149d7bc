import { graphNode, Tensor, valueInfo } from '@galvani/onnx';
import { inPlaceSession } from '../in-place-session.js';

const runProduct = inPlaceSession({
  nodes: [graphNode('MatMulInteger', ['left', 'right', 'one'], ['product'])],
  inputs: [
    valueInfo('left', 'uint8', ['m', 'B']),
    valueInfo('right', 'int8', ['B', 'width']),
    valueInfo('one', 'uint8', []),
  ],
  outputs: [valueInfo('product', 'int32', ['m', 'width'])],
});

/** The product of rows of small integers, each one too large, and a tile, written into `out`. */
export async function multiplyIntegers(left: Tensor, right: Tensor, out: Int32Array): Promise<void> {
  const one = new Tensor('uint8', Uint8Array.of(1), []);
  await runProduct({ left, right, one }, { product: new Tensor('int32', out, [left.dims[0], right.dims[1]]) });
}
