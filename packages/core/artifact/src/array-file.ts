import { writeFileWhole } from './atomic.js';
import { openFile, readRange } from './byte-source.js';
import { canonicalJson } from './canonical-json.js';
import { canonicalNaN } from './canonical-nan.js';

const types = { Float64Array, Float32Array, Int32Array, Uint32Array, Uint16Array, Uint8Array } as const;
export type NumberArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

/** Arrays by name, and what is said of them: any value of JSON, in which numbers are finite. */
export interface ArrayFile {
  facts: unknown;
  arrays: ReadonlyMap<string, NumberArray>;
}

interface Header {
  facts: unknown;
  arrays: { name: string; type: keyof typeof types; length: number }[];
}

/** Buffers begin at multiples of it. */
const alignment = 8;
const padded = (bytes: number) => alignment * Math.ceil(bytes / alignment);

/**
 * Writes arrays bit for bit, for galvani itself to go on with: the length of a header of JSON in eight bytes, the header, and each array,
 * little-endian. No artifact: it lasts until a stage has ended.
 */
export async function writeArrayFile(path: string, { facts, arrays }: ArrayFile): Promise<void> {
  const listed = [...arrays].map(([name, values]) => ({ name, type: values.constructor.name, length: values.length }));
  const header = Buffer.from(canonicalJson({ facts, arrays: listed }));
  const length = new Uint8Array(new BigUint64Array([BigInt(header.length)]).buffer);
  const pieces = [length, filled(header)];
  for (const values of arrays.values()) {
    if (values instanceof Float64Array || values instanceof Float32Array) canonicalNaN(values);
    pieces.push(filled(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)));
  }
  await writeFileWhole(path, pieces);
}

/**
 * Reads what `writeArrayFile` wrote.
 * @param wanted which arrays; default: all
 */
export async function readArrayFile(path: string, wanted?: readonly string[]): Promise<ArrayFile> {
  const file = await openFile(path);
  try {
    const length = Number(new BigUint64Array((await readRange(file, 0, alignment)).buffer)[0]);
    const text = Buffer.from(await readRange(file, alignment, length)).toString();
    const { facts, arrays }: Header = JSON.parse(text);
    const found = new Map<string, NumberArray>();
    let at = alignment + padded(length);
    for (const { name, type, length } of arrays) {
      const bytes = length * types[type].BYTES_PER_ELEMENT;
      if (!wanted || wanted.includes(name)) found.set(name, new types[type]((await readRange(file, at, bytes)).buffer));
      at += padded(bytes);
    }
    return { facts, arrays: found };
  } finally {
    await file.close();
  }
}

function filled(bytes: Uint8Array): Uint8Array {
  if (bytes.length % alignment === 0) return bytes;
  const whole = new Uint8Array(padded(bytes.length));
  whole.set(bytes);
  return whole;
}
