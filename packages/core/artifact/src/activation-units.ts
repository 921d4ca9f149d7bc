import { concatenate, decodeFloat16 } from '@galvani/numerics';
import { Failure } from '@galvani/terminal';
import { buffersOf, numbersBuffer, numbersIn, readColumn } from './activation-column.js';
import { arrowLayout, messageOf } from './arrow/arrow-layout.js';
import { damaged } from './binary-table/column.js';
import { type ByteSource, openSource, readRange, type Source } from './byte-source.js';

/** Rows of so many bytes or fewer for each wanted unit are read as they lie; of wider ones the wanted numbers alone, each of which costs a request. */
const widestRead = 8192;
/** Bytes that are read at once of rows as they lie. */
const pieceBytes = 8 << 20;
/** Numbers that are asked of the disk at once. */
const atOnce = 64;

/**
 * Some units of a site at every row of an activation file, without reading the other sites, and without reading a wide site's other units.
 *
 * @param units of the site, from 0
 * @returns for each unit its values in the file's rows
 * @throws Failure where the file has no such site or unit, or is damaged
 */
export async function readUnits(from: Source, site: string, units: readonly number[]): Promise<Float32Array[]> {
  const source = await openSource(from);
  try {
    return await unitsOf(source, site, units);
  } catch (error) {
    throw error instanceof Failure ? error : damaged(source.path, error);
  } finally {
    await source.close();
  }
}

async function unitsOf(source: ByteSource, site: string, units: readonly number[]): Promise<Float32Array[]> {
  const { schema, batches } = await arrowLayout(source);
  const at = schema.fields.findIndex(({ name }) => name === site);
  if (at < 0) throw new Failure(`${source.path} has no site ${site}.`);
  const {
    column: { width },
    bytes,
  } = readColumn(source.path, schema.fields[at]);
  const odd = units.find((unit) => !(Number.isInteger(unit) && unit >= 0 && unit < width));
  if (odd !== undefined) throw new Failure(`${source.path}: ${site} has units 0 to ${width - 1}, and not ${odd}.`);
  const buffer = buffersOf(schema.fields.slice(0, at)) + numbersBuffer;
  const parts: Float32Array[][] = [];
  for (const { block } of batches) {
    const message = await messageOf(source, block);
    if (message.kind !== 'batch') throw new Error('a record batch is something else');
    const { length: rows, buffers, compression } = message.batch;
    const place = buffers[buffer];
    if (compression !== null) throw new Failure(`${source.path} is compressed, and read as a whole alone.`);
    if (!place || !(rows >= 0) || !(place.offset >= 0) || place.length < rows * width * bytes)
      throw new Error('a site is shorter than its rows');
    const start = block.bodyStart + place.offset;
    const shape = { rows, width, bytes };
    parts.push(
      width * bytes <= widestRead * units.length
        ? await whole(source, start, shape, units)
        : await single(source, start, shape, units),
    );
  }
  return units.map((_, u) => concatenate([new Float32Array(0), ...parts.map((part) => part[u])]));
}

const decoded = (values: Float32Array | Uint16Array): Float32Array =>
  values instanceof Uint16Array ? decodeFloat16(values) : values;

interface Shape {
  rows: number;
  width: number;
  bytes: number;
}

/** Rows as they lie, some at a time. */
async function whole(
  source: ByteSource,
  start: number,
  { rows, width, bytes }: Shape,
  units: readonly number[],
): Promise<Float32Array[]> {
  // The wanted numbers alone are decoded: those of a wide site take longer than the disk.
  const found = units.map(() => (bytes === 4 ? new Float32Array(rows) : new Uint16Array(rows)));
  const some = Math.max(1, Math.floor(pieceBytes / (width * bytes)));
  for (let first = 0; first < rows; first += some) {
    const count = Math.min(some, rows - first);
    const values = numbersIn(await readRange(source, start + first * width * bytes, count * width * bytes), bytes);
    for (const [u, unit] of units.entries())
      for (let row = 0; row < count; row++) found[u][first + row] = values[row * width + unit];
  }
  return found.map(decoded);
}

/** Each number by itself. */
async function single(
  source: ByteSource,
  start: number,
  { rows, width, bytes }: Shape,
  units: readonly number[],
): Promise<Float32Array[]> {
  const found = units.map(() => new Float32Array(rows));
  const wanted = units.flatMap((unit, u) => Array.from({ length: rows }, (_, row) => ({ unit, u, row })));
  for (let first = 0; first < wanted.length; first += atOnce)
    await Promise.all(
      wanted.slice(first, first + atOnce).map(async ({ unit, u, row }) => {
        const read = await readRange(source, start + (row * width + unit) * bytes, bytes);
        found[u][row] = decoded(numbersIn(read, bytes))[0];
      }),
    );
  return found;
}
