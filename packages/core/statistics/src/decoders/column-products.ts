import { graphNode, Tensor, valueInfo } from '@galvani/onnx';
import { inPlaceSession } from '../in-place-session.js';

const runProduct = inPlaceSession({
  nodes: [graphNode('Gemm', ['block', 'block'], ['product'], { transB: 1 })],
  inputs: [valueInfo('block', 'float64', ['rows', 'width'])],
  outputs: [valueInfo('product', 'float64', ['rows', 'rows'])],
});

/**
 * Inner products of rows of many columns, which are asked for a block at a time: a table of all of them need not be there. As
 * `innerProducts`, by onnxruntime.
 *
 * @param block fills in columns from one on of every row, [rows x width of the block]
 * @param first of the columns that are summed over, and `end` one past the last
 * @returns [rows x rows], symmetric to the last bit
 */
export async function columnProducts(
  rows: number,
  first: number,
  end: number,
  block: (from: number, width: number, out: Float64Array) => void,
): Promise<Float64Array> {
  const out = new Float64Array(rows * rows);
  const memory = new Float64Array(rows * Math.min(blockWidth, end - first));
  const product = new Float64Array(rows * rows);
  for (let from = first; from < end; from += blockWidth) {
    const width = Math.min(blockWidth, end - from);
    const left = memory.subarray(0, rows * width);
    block(from, width, left);
    await runProduct(
      { block: new Tensor('float64', left, [rows, width]) },
      { product: new Tensor('float64', product, [rows, rows]) },
    );
    for (let i = 0; i < rows; i++)
      for (let j = 0; j <= i; j++) {
        out[i * rows + j] += product[i * rows + j];
        out[j * rows + i] = out[i * rows + j];
      }
  }
  return out;
}

/** Columns of a block: with some hundred rows it is a few megabytes. */
const blockWidth = 2048;
