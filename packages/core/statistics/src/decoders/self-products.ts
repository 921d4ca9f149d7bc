import { graphNode, valueInfo } from '@galvani/onnx';
import { inPlaceSession } from '../in-place-session.js';
import { tensorOf } from '../inference/row-products.js';
import type { Patterns } from './inner-products.js';

/** Columns that are multiplied at a time. */
const block = 2048;

const gram = inPlaceSession({
  nodes: [graphNode('Gemm', ['rows', 'rows'], ['products'], { transB: 1 })],
  inputs: [valueInfo('rows', 'float64', ['rows', 'columns'])],
  outputs: [valueInfo('products', 'float64', ['rows', 'rows'])],
});

/**
 * Inner products of many rows with each other, as `innerProducts` has them, by onnxruntime in sums of 64 bits: several times as fast where
 * there are hundreds of rows. Symmetric to the last bit.
 *
 * @param values [rows x width], row-major
 * @param scale what columns are multiplied by first, [width]; default 1
 */
export async function selfProducts(values: Patterns, width: number, scale?: Float64Array): Promise<Float64Array> {
  const rows = values.length / width;
  const out = new Float64Array(rows * rows);
  const found = new Float64Array(rows * rows);
  const gathered = new Float64Array(rows * Math.min(block, width));
  for (let from = 0; from < width; from += block) {
    const used = Math.min(block, width - from);
    for (let i = 0, to = 0; i < rows; i++) {
      const start = i * width + from;
      if (scale) for (let u = 0; u < used; u++) gathered[to++] = values[start + u] * scale[from + u];
      else for (let u = 0; u < used; u++) gathered[to++] = values[start + u];
    }
    await gram(
      { rows: tensorOf(gathered.subarray(0, rows * used), [rows, used]) },
      { products: tensorOf(found, [rows, rows]) },
    );
    for (let at = 0; at < found.length; at++) out[at] += found[at];
  }
  for (let i = 0; i < rows; i++) for (let j = 0; j < i; j++) out[j * rows + i] = out[i * rows + j];
  return out;
}
