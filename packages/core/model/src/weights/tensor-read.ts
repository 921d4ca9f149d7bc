import { UserMistake } from '@galvani/terminal';
import { bitsOf, decodeNumbers, firstNonFinite, isWeightFormat, weightFormats } from './number-format.js';
import type { Ranged } from './ranged-file.js';

/** Where a tensor's numbers lie. */
export interface StoredTensor {
  /** As safetensors spells it. */
  dtype: string;
  shape: number[];
  /** The bytes that hold it. */
  bytes: Ranged;
  /** Byte of its first number. */
  start: number;
  /** Steps between neighbours along each dimension, in numbers; without them the tensor is row-major without gaps. */
  strides?: number[];
}

/** Bytes that are converted at once. */
const piece = 8 << 20;

/** Numbers that lie in a file, little-endian and row-major, so that they need not be copied to be used. */
export interface NumbersInFile {
  dtype: 'F32' | 'F16' | 'BF16';
  path: string;
  /** In bytes. */
  offset: number;
  length: number;
}

/** Where a tensor lies that can be used in place, after a look at every number; undefined for any other. */
export async function locateNumbers(name: string, tensor: StoredTensor): Promise<NumbersInFile | undefined> {
  const { dtype, shape, bytes, start, strides } = tensor;
  if ((dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') || strides || !bytes.file) return undefined;
  const width = bitsOf(dtype)! / 8;
  const offset = bytes.file.offset + start;
  if (offset % width !== 0) return undefined;
  const count = shape.reduce((a, b) => a * b, 1);
  const part = new Float32Array(Math.min(piece / 4, count));
  for (let done = 0; done < count; done += part.length) {
    const values = part.subarray(0, Math.min(part.length, count - done));
    await readRun(bytes, start + width * done, dtype, values);
    const bad = firstNonFinite(values);
    if (bad >= 0) throw notFinite(name, tensor, values[bad], done + bad);
  }
  return { dtype, path: bytes.file.path, offset, length: width * count };
}

const describe = (name: string, { bytes }: StoredTensor) => `the tensor ${JSON.stringify(name)} of ${bytes.path}`;

function notFinite(name: string, tensor: StoredTensor, value: number, at: number): UserMistake {
  return new UserMistake(
    `${describe(name, tensor)} holds ${value} at ${describeIndex(at, tensor.shape)}: a model with such a weight has no meaningful activations. The file is damaged or the training diverged.`,
  );
}

/** A tensor as float32, row-major. */
export async function readTensor(name: string, tensor: StoredTensor): Promise<Float32Array> {
  const { dtype, shape, bytes, start, strides } = tensor;
  if (!isWeightFormat(dtype))
    throw new UserMistake(
      `${describe(name, tensor)} is stored as ${dtype}, and weights are read from ${weightFormats.join(', ')}. A quantised checkpoint has to be converted to one of these first.`,
    );
  const count = shape.reduce((a, b) => a * b, 1);
  const out = new Float32Array(count);
  if (strides && count > 0) {
    const span = shape.reduce((last, n, i) => last + (n - 1) * strides[i], 0) + 1;
    const held = new Float32Array(span);
    await readRun(bytes, start, dtype, held);
    gather(held, shape, strides, out);
  } else await readRun(bytes, start, dtype, out);
  const bad = firstNonFinite(out);
  if (bad >= 0) throw notFinite(name, tensor, out[bad], bad);
  return out;
}

/** Whether two tensors have the same shape and numbers, looked at a piece at a time where they lie in one piece. */
export async function sameNumbers(
  one: readonly [string, StoredTensor],
  other: readonly [string, StoredTensor],
): Promise<boolean> {
  if (one[1].shape.join() !== other[1].shape.join()) return false;
  const pieces = [one, other].map(([, { dtype, strides }]) => isWeightFormat(dtype) && !strides);
  if (!pieces.every(Boolean)) {
    const [a, b] = [await readTensor(...one), await readTensor(...other)];
    return a.every((value, i) => value === b[i]);
  }
  const count = one[1].shape.reduce((a, b) => a * b, 1);
  const held = [one, other].map(() => new Float32Array(Math.min(piece / 4, count)));
  for (let done = 0; done < count; done += held[0].length) {
    const length = Math.min(held[0].length, count - done);
    for (const [i, [, { dtype, bytes, start }]] of [one, other].entries())
      await readRun(bytes, start + (done * bitsOf(dtype)!) / 8, dtype, held[i].subarray(0, length));
    for (let i = 0; i < length; i++) if (held[0][i] !== held[1][i]) return false;
  }
  return true;
}

/** Reads as many numbers as `out` holds, from byte `start` on. */
async function readRun(bytes: Ranged, start: number, dtype: string, out: Float32Array): Promise<void> {
  if (!isWeightFormat(dtype)) return;
  if (dtype === 'F32') return bytes.read(start, new Uint8Array(out.buffer, out.byteOffset, out.byteLength));
  const width = bitsOf(dtype)! / 8;
  const buffer = new Uint8Array(Math.min(piece, out.length * width));
  for (let done = 0; done < out.length; ) {
    const count = Math.min(buffer.length / width, out.length - done);
    const part = buffer.subarray(0, count * width);
    await bytes.read(start + done * width, part);
    decodeNumbers(part, dtype, out, done);
    done += count;
  }
}

/** A tensor's bytes as they are stored, in row-major order: whatever its format, nothing is converted. */
export async function readTensorBytes(tensor: StoredTensor): Promise<Uint8Array> {
  const { dtype, shape, bytes, start, strides } = tensor;
  const width = bitsOf(dtype)! / 8;
  const count = shape.reduce((a, b) => a * b, 1);
  const out = new Uint8Array(count * width);
  if (strides && count > 0) {
    const span = shape.reduce((last, n, i) => last + (n - 1) * strides[i], 0) + 1;
    const held = new Uint8Array(span * width);
    await bytes.read(start, held);
    gather(wordsOf(held, width), shape, strides, wordsOf(out, width));
  } else await bytes.read(start, out);
  return out;
}

/** Whole numbers of so many bytes: where formats do not matter, only which bytes belong together. */
export type Words = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

/** @param width 1, 2, 4 or 8 bytes; `bytes` begins at the start of its memory */
export function wordsOf({ buffer, byteLength }: Uint8Array, width: number): Words {
  if (width === 8) return new BigUint64Array(buffer, 0, byteLength / 8);
  if (width === 4) return new Uint32Array(buffer, 0, byteLength / 4);
  if (width === 2) return new Uint16Array(buffer, 0, byteLength / 2);
  return new Uint8Array(buffer, 0, byteLength);
}

/** Copies a strided view to row-major order. */
function gather<T extends Float32Array | Words>(from: T, shape: number[], strides: number[], to: T): void {
  const index = new Array<number>(shape.length).fill(0);
  let at = 0;
  for (let i = 0; i < to.length; i++) {
    to[i] = from[at];
    for (let d = shape.length - 1; d >= 0; d--) {
      at += strides[d];
      if (++index[d] < shape[d]) break;
      at -= shape[d] * strides[d];
      index[d] = 0;
    }
  }
}

/** `[2, 3]` for the flat index 15 of a shape [4, 6]. */
function describeIndex(flat: number, shape: number[]): string {
  const index: number[] = [];
  let rest = flat;
  for (const n of [...shape].reverse()) {
    index.unshift(rest % n);
    rest = Math.floor(rest / n);
  }
  return `[${index.join(', ')}]`;
}
