/** An interval and the number of Chebyshev points on it. */
export interface ChebyshevAxis {
  low: number;
  high: number;
  nodes: number;
}

/**
 * A polynomial in two variables through a smooth function's values at Chebyshev points, for many cheap evaluations of a costly
 * function. Outside of an interval it gives the value at the nearer end.
 *
 * Source: Trefethen, Approximation Theory and Approximation Practice (2013), chapters 3 and 4; Clenshaw's recurrence.
 */
export function chebyshevSurface(
  f: (x: number, y: number) => number,
  x: ChebyshevAxis,
  y: ChebyshevAxis,
): (x: number, y: number) => number {
  const [nx, ny] = [x.nodes, y.nodes];
  const values = new Float64Array(nx * ny);
  for (let i = 0; i < nx; i++) for (let j = 0; j < ny; j++) values[i * ny + j] = f(pointOf(x, i), pointOf(y, j));
  const alongY = transformed(values, nx, ny);
  const coefficients = transposed(transformed(transposed(alongY, nx, ny), ny, nx), ny, nx);
  const inner = new Float64Array(nx);
  let innerOf = Number.NaN;
  return (atX, atY) => {
    const s = scaled(x, atX);
    const r = scaled(y, atY);
    // Both limits of a unit's interval are read at the same y.
    if (r !== innerOf) for (let i = 0; i < nx; i++) inner[i] = clenshaw(coefficients, i * ny, ny, r);
    innerOf = r;
    return clenshaw(inner, 0, nx, s);
  };
}

function pointOf({ low, high, nodes }: ChebyshevAxis, k: number): number {
  return 0.5 * (low + high) + 0.5 * (high - low) * Math.cos((Math.PI * k) / (nodes - 1));
}

function scaled({ low, high }: ChebyshevAxis, at: number): number {
  return Math.min(1, Math.max(-1, (2 * at - low - high) / (high - low)));
}

/** Chebyshev coefficients of each row of values at Chebyshev points, [rows x nodes]. */
function transformed(values: Float64Array, rows: number, nodes: number): Float64Array {
  const n = nodes - 1;
  const out = new Float64Array(values.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < nodes; j++) {
      let sum = 0;
      for (let k = 0; k < nodes; k++)
        sum += values[i * nodes + k] * Math.cos((Math.PI * ((j * k) % (2 * n))) / n) * (k === 0 || k === n ? 0.5 : 1);
      out[i * nodes + j] = (sum * (j === 0 || j === n ? 1 : 2)) / n;
    }
  return out;
}

function transposed(values: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: values.length }, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)]);
}

/** The value at s of a series of `nodes` coefficients from `first` on. */
function clenshaw(coefficients: Float64Array, first: number, nodes: number, s: number): number {
  let [b1, b2] = [0, 0];
  for (let j = nodes - 1; j > 0; j--) {
    const b = 2 * s * b1 - b2 + coefficients[first + j];
    b2 = b1;
    b1 = b;
  }
  return s * b1 - b2 + coefficients[first];
}
