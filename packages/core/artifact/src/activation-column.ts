import { Failure } from '@galvani/terminal';
import { DataType, type Field, Precision } from 'apache-arrow';

/** A column of an activation file: one site's output, `width` units. */
export interface ActivationColumn {
  site: string;
  /** What computes it: embedding, norm, linear, activation, block, head, other. */
  kind: string;
  /** Units. */
  width: number;
  /** Of a file that holds several layers. */
  layer?: string;
}

/** How activations are kept on disk. */
export type Storage = 'float32' | 'float16';

/** Bytes that one value takes. */
export const bytesOf = { float32: 4, float16: 2 } as const;

/** A column as a file's schema has it, and the bytes of each of its numbers. @throws Failure where it is no site's */
export function readColumn(path: string, { name, type, metadata }: Field): { column: ActivationColumn; bytes: 2 | 4 } {
  const value = DataType.isFixedSizeList(type) ? type.children[0].type : undefined;
  if (!DataType.isFixedSizeList(type) || !DataType.isFloat(value) || value.precision === Precision.DOUBLE)
    throw new Failure(`${path}: column '${name}' is ${type}, not a fixed-size list of float32 or float16.`);
  const layer = metadata.get('layer');
  return {
    column: {
      site: name,
      kind: metadata.get('kind') ?? 'other',
      width: type.listSize,
      ...(layer !== undefined && { layer }),
    },
    bytes: value.precision === Precision.HALF ? bytesOf.float16 : bytesOf.float32,
  };
}

/** Buffers of a record batch that belong to columns: a list of fixed size has its validity, that of its numbers, and the numbers. */
export const buffersOf = (fields: readonly Field[]): number =>
  fields.reduce((sum, { type }) => sum + (DataType.isFixedSizeList(type) ? 3 : 2), 0);

/** Which of a column's buffers holds its numbers. */
export const numbersBuffer = 2;

/** Numbers as the file has them, float16 as its bits. */
export function numbersIn(read: Uint8Array<ArrayBuffer>, bytes: number): Float32Array | Uint16Array {
  const { buffer, byteOffset } = read.byteOffset % bytes === 0 ? read : read.slice();
  const length = read.byteLength / bytes;
  return bytes === bytesOf.float32
    ? new Float32Array(buffer, byteOffset, length)
    : new Uint16Array(buffer, byteOffset, length);
}

/** How a file's columns are kept: as float16 where one is. */
export const storageOf = (bytes: readonly number[]): Storage =>
  bytes.includes(bytesOf.float16) ? 'float16' : 'float32';
