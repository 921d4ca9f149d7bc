import { UserMistake } from '@galvani/terminal';
import { JsonCursor } from './json-cursor.js';
import { bitsOf } from './number-format.js';
import { openRanged, type Ranged } from './ranged-file.js';
import type { TensorFile } from './tensor-file.js';
import type { StoredTensor } from './tensor-read.js';

/** Largest header in bytes, as in the reference implementation. */
export const largestHeader = 100_000_000;

/** Most dimensions of a tensor. */
const mostDimensions = 32;

/**
 * Opens a safetensors file and checks it as the reference implementation does: the tensors cover the data exactly, in
 * any order, without overlaps or holes, and each has the bytes that its format and shape need.
 * Format: https://huggingface.co/docs/safetensors, "Format".
 */
export async function openSafetensors(path: string): Promise<TensorFile> {
  const file = await openRanged(path);
  try {
    const tensors = await readHeader(file);
    return { path, tensors, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readHeader(file: Ranged): Promise<Map<string, StoredTensor>> {
  const { path, size } = file;
  const notOne = (why: string) => new UserMistake(`${path} is not a whole safetensors file: ${why}.`);
  if (size < 8) throw notOne(`it has ${size} bytes, and the length of its header alone takes 8`);
  const prefix = new Uint8Array(8);
  await file.read(0, prefix);
  const length = new DataView(prefix.buffer).getBigUint64(0, true);
  if (length > largestHeader)
    throw notOne(`its header claims ${length} bytes, and more than ${largestHeader} are not accepted`);
  const headerBytes = Number(length);
  if (8 + headerBytes > size) throw notOne(`its header claims ${headerBytes} bytes and the file has ${size}`);
  const raw = new Uint8Array(headerBytes);
  await file.read(8, raw);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    throw notOne('its header is not UTF-8 text');
  }
  if (!text.startsWith('{')) throw notOne('its header is not a JSON object');

  const tensors = new Map<string, StoredTensor>();
  const begin = 8 + headerBytes;
  const cursor = new JsonCursor(text, path);
  cursor.object((name) => {
    if (name === '__metadata__') cursor.object(() => cursor.string());
    else tensors.set(name, readEntry(cursor, name, file, begin));
  });
  cursor.end();

  const order = [...tensors].map(([name, t]) => ({ name, start: t.start, end: t.start + byteLength(t)! }));
  order.sort((a, b) => a.start - b.start || a.end - b.end);
  let reached = begin;
  for (const { name, start, end } of order) {
    if (start < reached) throw notOne(`the tensor ${JSON.stringify(name)} overlaps the one before it`);
    if (start > reached)
      throw notOne(`${start - reached} bytes before the tensor ${JSON.stringify(name)} belong to none`);
    reached = end;
  }
  if (reached > size) throw notOne(`its tensors need ${reached} bytes and the file has ${size}: it was cut off`);
  if (reached < size) throw notOne(`${size - reached} bytes at its end belong to no tensor`);
  return tensors;
}

function readEntry(cursor: JsonCursor, name: string, bytes: Ranged, begin: number): StoredTensor {
  let dtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  cursor.object((field) => {
    if (field === 'dtype') dtype = cursor.string();
    else if (field === 'shape') shape = cursor.array(mostDimensions, () => cursor.count());
    else if (field === 'data_offsets') offsets = cursor.array(2, () => cursor.count());
    else throw cursor.mistake(`the tensor ${JSON.stringify(name)} has an unknown field ${JSON.stringify(field)}`);
  });
  const the = `the tensor ${JSON.stringify(name)}`;
  if (dtype === undefined || shape === undefined || offsets?.length !== 2)
    throw cursor.mistake(`${the} needs a dtype, a shape and two data_offsets`);
  if (bitsOf(dtype) === undefined)
    throw cursor.mistake(`${the} has the unknown dtype ${JSON.stringify(dtype.slice(0, 50))}`);
  const [start, end] = offsets;
  const tensor = { dtype, shape, bytes, start: begin + start };
  const need = byteLength(tensor);
  if (need === undefined || start > end || !Number.isSafeInteger(begin + end) || end - start !== need)
    throw cursor.mistake(
      `${the} has data_offsets [${start}, ${end}], which are ${end - start} bytes, and ${dtype} numbers of shape [${shape.join(', ')}] take ${need ?? 'more than any file'}`,
    );
  return tensor;
}

/** Bytes of a tensor, undefined where they are no whole number or beyond 2^53. */
function byteLength({ dtype, shape }: Pick<StoredTensor, 'dtype' | 'shape'>): number | undefined {
  let length = bitsOf(dtype)!;
  for (const n of shape) {
    length *= n;
    if (!Number.isSafeInteger(length)) return undefined;
  }
  return length % 8 === 0 ? length / 8 : undefined;
}
