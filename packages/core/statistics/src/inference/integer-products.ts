import { graphNode, Tensor, valueInfo } from '@galvani/onnx';
import { inPlaceSession } from '../in-place-session.js';

const runProduct = inPlaceSession({
  nodes: [
    graphNode(
      'QLinearMatMul',
      ['left', 'step', 'leftZero', 'right', 'unitSteps', 'rightZeros', 'one', 'middle'],
      ['product'],
    ),
  ],
  inputs: [
    ...[valueInfo('left', 'uint8', ['m', 'B']), valueInfo('right', 'int8', ['B', 'width'])],
    ...[
      valueInfo('step', 'float32', []),
      valueInfo('unitSteps', 'float32', ['width']),
      valueInfo('one', 'float32', []),
    ],
    ...[
      valueInfo('leftZero', 'uint8', []),
      valueInfo('rightZeros', 'int8', ['width']),
      valueInfo('middle', 'uint8', []),
    ],
  ],
  outputs: [valueInfo('product', 'uint8', ['m', 'width'])],
});

/** Largest size of left entries: two products of bytes that are added in 16 bits, as older processors do it, do not overflow. */
export const largestEntry = 63;

const leftZero = largestEntry + 1;
const middle = 128;
const number = (value: number) => new Tensor('float32', Float32Array.of(value), []);
const byte = (value: number) => new Tensor('uint8', Uint8Array.of(value), []);
const fixed = { one: number(1), leftZero: byte(leftZero), middle: byte(middle) };

/** A left matrix of small integers, whose rows can be put in another order. */
export interface IntegerRows {
  arrange(order: Uint32Array): void;
  /** Some rows of it, in the order they were put in. */
  take(from: number, count: number): Tensor;
}

/** @param entryAt integer of at most 63 in size, by its place in [rows x B] */
export function integerRows(rows: number, B: number, entryAt: (place: number) => number): IntegerRows {
  const entries = Uint8Array.from({ length: rows * B }, (_, i) => leftZero + entryAt(i));
  const arranged = entries.slice();
  return {
    arrange(order) {
      for (let row = 0; row < rows; row++)
        arranged.set(entries.subarray(order[row] * B, (order[row] + 1) * B), row * B);
    },
    take: (from, count) => new Tensor('uint8', arranged.subarray(from * B, (from + count) * B), [count, B]),
  };
}

/**
 * The product of rows of small integers and a tile, in steps of `step` times the unit's around 128 and within a byte, written into
 * `out`.
 *
 * @param left rows of integerRows
 * @param unitSteps [width]
 * @param out [rows x width]
 */
export async function multiplyIntegers(
  left: Tensor,
  right: Tensor,
  unitSteps: Float32Array,
  step: number,
  out: Uint8Array,
): Promise<void> {
  const width = right.dims[1];
  const feeds = {
    ...{ left, right, step: number(1 / step), ...fixed },
    unitSteps: new Tensor(
      'float32',
      unitSteps.map((own) => 1 / own),
      [width],
    ),
    rightZeros: new Tensor('int8', new Int8Array(width), [width]),
  };
  await runProduct(feeds, { product: new Tensor('uint8', out, [left.dims[0], width]) });
}
