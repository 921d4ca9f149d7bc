import { open } from 'node:fs/promises';
import { bitsOf } from './number-format.js';

/** A tensor to be written. */
export interface TensorToWrite {
  name: string;
  /** As safetensors spells it. */
  dtype: string;
  shape: readonly number[];
}

/** Bytes given to the system at once: write(2) stops at 2 GB. */
const stride = 64 << 20;

/**
 * Writes a safetensors file, one tensor in memory at a time, in the reference implementation's order: wide formats first, then by
 * name, so that every tensor begins at a multiple of its numbers' width.
 * Format: https://huggingface.co/docs/safetensors, "Format".
 *
 * @param bytesOf a tensor's bytes, little-endian and row-major; asked once for each
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  bytesOf: (name: string) => Promise<Uint8Array>,
): Promise<void> {
  const order = [...tensors].sort((a, b) => bitsOf(b.dtype)! - bitsOf(a.dtype)! || (a.name < b.name ? -1 : 1));
  let end = 0;
  const entries = order.map(({ name, dtype, shape }) => {
    const start = end;
    end += (shape.reduce((a, b) => a * b, 1) * bitsOf(dtype)!) / 8;
    return [name, { dtype, shape, data_offsets: [start, end] }] as const;
  });
  // Not made by JSON.stringify of an object: a tensor may be called `__proto__`, or 10.
  const members = entries.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  const text = Buffer.from(`{"__metadata__":{"format":"pt"}${members.map((member) => `,${member}`).join('')}}`);
  const header = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ');
  header.writeBigUInt64LE(BigInt(header.length - 8));
  text.copy(header, 8);
  const handle = await open(path, 'w');
  try {
    await write(header);
    for (const { name } of order) await write(await bytesOf(name));
    await handle.sync();
  } finally {
    await handle.close();
  }

  async function write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; )
      done += (await handle.write(bytes, done, Math.min(stride, bytes.length - done))).bytesWritten;
  }
}
