import { Matrix, solve } from 'ml-matrix';

/** t (one tested column) or F of least squares, by refitting the whole model: [tested | nuisance] on one unit. */
export function refit(
  y: number[],
  tested: number[][],
  nuisance: number[][],
  weights: number[] = y.map(() => 1),
): { t: number; F: number } {
  const scale = (row: number[], b: number) => row.map((value) => value * Math.sqrt(weights[b]));
  const full = new Matrix(y.map((_, b) => scale([...tested[b], ...nuisance[b]], b)));
  const reduced = new Matrix(y.map((_, b) => scale(nuisance[b], b)));
  const Y = new Matrix(y.map((value, b) => scale([value], b)));
  const residual = (X: Matrix) => {
    const beta = solve(X, Y, true);
    const error = Matrix.sub(Y, X.mmul(beta));
    return { beta, rss: error.dot(error) };
  };
  const a = residual(full);
  const b = residual(reduced);
  const k = tested[0].length;
  const df = y.length - full.columns;
  const F = (b.rss - a.rss) / k / (a.rss / df);
  return { t: Math.sign(a.beta.get(0, 0)) * Math.sqrt(F), F };
}

/** Fitted values and residuals of least squares on the nuisance alone, in rows scaled by the root of the weights. */
export function reduce(y: number[], nuisance: number[][], weights: number[]): { fitted: number[]; residual: number[] } {
  const X = new Matrix(nuisance.map((row, b) => row.map((value) => value * Math.sqrt(weights[b]))));
  const Y = new Matrix(y.map((value, b) => [value * Math.sqrt(weights[b])]));
  const fitted = X.mmul(solve(X, Y, true)).to1DArray();
  return { fitted, residual: y.map((value, b) => value * Math.sqrt(weights[b]) - fitted[b]) };
}
