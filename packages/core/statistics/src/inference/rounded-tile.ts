import { Tensor } from '@galvani/onnx';

/** A tile of units, rounded to eight bits, and as it is. */
export interface RoundedTile {
  rows: number;
  width: number;
  /** Width with units of zeros, a multiple of 16. */
  stride: number;
  /** Values in steps of `step`, [B x stride]. */
  values: Tensor;
  step: number;
  /** A step of 1 for every unit, [stride]. */
  ones: Float32Array;
  /** [width x B] */
  exact: Float64Array;
}

/** Tiles of units that share a step, one after another in the same memory: a tile is valid until the next is asked for. */
export type TileRounder = (residuals: Float64Array, width: number) => Iterable<RoundedTile>;

/** Most units come in one tile, and by octaves those with a value that would ask for a larger step. Residuals are [B x width], each
 * unit's of length 1. */
export function tileRounder(rows: number): TileRounder {
  const usual = 4.5 / Math.sqrt(rows);
  let exact = new Float64Array(0);
  let values = new Int8Array(0);
  return function* (residuals, width) {
    const octaves = new Map<number, number[]>();
    for (const [u, size] of largestSizes(residuals, width).entries()) {
      const octave = Math.max(0, Math.ceil(Math.log2(size / usual)));
      const units = octaves.get(octave);
      if (units) units.push(u);
      else octaves.set(octave, [u]);
    }
    for (const [octave, units] of octaves) {
      const stride = Math.ceil(units.length / 16) * 16;
      if (values.length < rows * stride) {
        exact = new Float64Array(rows * stride);
        values = new Int8Array(rows * stride);
      }
      const memory = { exact, values: values.subarray(0, rows * stride) };
      yield roundTile(residuals, rows, width, Uint32Array.from(units), Math.min(1, usual * 2 ** octave), memory);
    }
  };
}

function largestSizes(residuals: Float64Array, width: number): Float64Array {
  const largest = new Float64Array(width);
  for (let at = 0; at < residuals.length; at += width)
    for (let u = 0; u < width; u++) {
      const size = Math.abs(residuals[at + u]);
      if (size > largest[u]) largest[u] = size;
    }
  return largest;
}

function roundTile(
  residuals: Float64Array,
  rows: number,
  all: number,
  units: Uint32Array,
  limit: number,
  { exact, values }: { exact: Float64Array; values: Int8Array },
): RoundedTile {
  const width = units.length;
  const stride = values.length / rows;
  const step = limit / 127;
  const perStep = 1 / step;
  values.fill(0);
  // Few units at a time: written row by row of all units, a unit's values are too far apart for the cache.
  for (let from = 0; from < width; from += 16) {
    const to = Math.min(width, from + 16);
    for (let b = 0; b < rows; b++)
      for (let u = from; u < to; u++) {
        const value = residuals[b * all + units[u]];
        exact[u * rows + b] = value;
        // Rounded without asking for the sign, which is as good as random.
        values[b * stride + u] = ((value * perStep + 128.5) | 0) - 128;
      }
  }
  return {
    ...{ rows, width, stride, step, exact },
    ones: new Float32Array(stride).fill(1),
    values: new Tensor('int8', values, [rows, stride]),
  };
}
