import type { FileHandle } from 'node:fs/promises';
import { openRegularFile, UserMistake } from '@galvani/terminal';

/** What the header of a .npy file says. */
export interface NpyHeader {
  type: 'float32' | 'float64';
  rows: number;
  units: number;
  /** Bytes before the first value. */
  offset: number;
}

const types: Record<string, NpyHeader['type']> = { '<f4': 'float32', '<f8': 'float64' };

/**
 * Reads the header of a .npy file: two dimensions, rows x units, little-endian float32 or float64, C order.
 * Source: NumPy Enhancement Proposal 1, format versions 1.0 to 3.0.
 *
 * @param start the first bytes of the file: the whole header, which is rarely above 128 bytes
 * @throws UserMistake that says what the file holds instead
 */
export function parseNpyHeader(start: Uint8Array, path: string): NpyHeader {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (start.length < 10 || magic.some((byte, i) => start[i] !== byte))
    throw new UserMistake(`${path} is not a .npy file: it does not begin as one. Write it with numpy.save.`);
  const major = start[6];
  if (major < 1 || major > 3) throw new UserMistake(`${path}: .npy version ${major} is unknown; known are 1, 2 and 3.`);
  const prefix = major === 1 ? 10 : 12;
  if (start.length < prefix) throw new UserMistake(`${path} ends inside its header.`);
  const offset = prefix + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start.length < offset) throw new UserMistake(`${path} ends inside its header.`);
  const text = new TextDecoder('latin1').decode(start.subarray(prefix, offset));
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || shape === undefined)
    throw new UserMistake(`${path}: its header is ${text.trim()}; descr, fortran_order and shape are needed.`);
  const type = types[descr];
  if (type === undefined)
    throw new UserMistake(
      `${path} holds ${descr}; allowed are little-endian float32 (<f4) and float64 (<f8). Convert it: array.astype('<f4').`,
    );
  const sizes = shape.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  if (sizes.length !== 2)
    throw new UserMistake(`${path} has ${sizes.length} dimensions; a series has two, rows x units.`);
  if (order === 'True')
    throw new UserMistake(`${path} is in Fortran order; save it in C order: numpy.ascontiguousarray(array).`);
  const [rows, units] = sizes;
  if (!(rows > 0) || !(units > 0) || !Number.isSafeInteger(rows * units))
    throw new UserMistake(`${path} has shape ${rows} x ${units}; both must be above 0.`);
  return { type, rows, units, offset };
}

/** A .npy file being read. */
export interface NpyFile extends NpyHeader {
  /** Rows in order, at most `most` at a time. */
  chunks(most: number): AsyncIterable<Float32Array | Float64Array>;
  close(): Promise<void>;
}

/** Opens a .npy file. @throws UserMistake if it is none, or is shorter than its header says */
export async function openNpy(path: string): Promise<NpyFile> {
  const handle = await openRegularFile(path);
  try {
    const { size } = await handle.stat();
    const start = new Uint8Array(Math.min(size, 1 << 16));
    await fill(handle, start, 0, path);
    const header = parseNpyHeader(start, path);
    const { type, rows, units, offset } = header;
    const rowBytes = units * (type === 'float32' ? 4 : 8);
    if (size !== offset + rows * rowBytes)
      throw new UserMistake(
        `${path} has ${size} bytes, and ${rows} x ${units} ${type} need ${offset + rows * rowBytes}: it is damaged.`,
      );
    return {
      ...header,
      async *chunks(most) {
        for (let row = 0; row < rows; row += most) {
          const bytes = new Uint8Array(Math.min(most, rows - row) * rowBytes);
          await fill(handle, bytes, offset + row * rowBytes, path);
          yield type === 'float32' ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
        }
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function fill(handle: FileHandle, bytes: Uint8Array, position: number, path: string): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, position + at);
    if (bytesRead === 0) throw new UserMistake(`${path} ended while it was read.`);
    at += bytesRead;
  }
}
