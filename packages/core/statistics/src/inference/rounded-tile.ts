import { Tensor } from '@galvani/onnx';

/** A tile of units, rounded to eight bits, and as it is. */
export interface RoundedTile {
  rows: number;
  width: number;
  /** Values in steps of `step` and squares in steps of `squareStep`, [B x width]. */
  values: Tensor;
  squares: Tensor;
  step: number;
  squareStep: number;
  /** [width x B] */
  exact: Float64Array;
}

/**
 * Tiles of units that share a step: most units, and those with a value that would ask for a larger one.
 *
 * @param residuals [B x width], each unit's of length 1
 */
export function roundTiles(residuals: Float64Array, rows: number, width: number): RoundedTile[] {
  const largest = new Float64Array(width);
  for (let b = 0; b < rows; b++)
    for (let u = 0, at = b * width; u < width; u++, at++) largest[u] = Math.max(largest[u], Math.abs(residuals[at]));
  const usual = Math.min(1, 4.5 / Math.sqrt(rows));
  return [
    { units: unitsWhere(largest, (value) => value <= usual), limit: usual },
    { units: unitsWhere(largest, (value) => value > usual), limit: 1 },
  ].flatMap(({ units, limit }) => (units.length > 0 ? [roundTile(residuals, rows, width, units, limit)] : []));
}

function unitsWhere(largest: Float64Array, passes: (value: number) => boolean): Uint32Array {
  return Uint32Array.from(largest.keys()).filter((u) => passes(largest[u]));
}

function roundTile(residuals: Float64Array, rows: number, all: number, units: Uint32Array, limit: number): RoundedTile {
  const width = units.length;
  const [step, squareStep] = [limit / 127, limit ** 2 / 127];
  const [perStep, perSquare] = [1 / step, 1 / squareStep];
  const exact = new Float64Array(rows * width);
  const [values, squares] = [new Int8Array(rows * width), new Int8Array(rows * width)];
  for (let b = 0; b < rows; b++)
    for (let u = 0, at = b * width; u < width; u++, at++) {
      const value = residuals[b * all + units[u]];
      exact[u * rows + b] = value;
      // Stored, a number loses its fraction.
      values[at] = value * perStep + (value < 0 ? -0.5 : 0.5);
      squares[at] = value * value * perSquare + 0.5;
    }
  const shape = [rows, width];
  return {
    ...{ rows, width, step, squareStep, exact },
    values: new Tensor('int8', values, shape),
    squares: new Tensor('int8', squares, shape),
  };
}
