import { Matrix, solve } from 'ml-matrix';

/** t (one tested column) or F of least squares, by refitting the whole model: [tested | nuisance] on one unit. */
export function refit(y: number[], tested: number[][], nuisance: number[][]): { t: number; F: number } {
  const full = new Matrix(y.map((_, b) => [...tested[b], ...nuisance[b]]));
  const reduced = new Matrix(y.map((_, b) => nuisance[b]));
  const Y = new Matrix(y.map((value) => [value]));
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

/** Fitted values and residuals of least squares on the nuisance alone. */
export function reduce(y: number[], nuisance: number[][]): { fitted: number[]; residual: number[] } {
  const X = new Matrix(nuisance);
  const fitted = X.mmul(solve(X, Matrix.columnVector(y), true)).to1DArray();
  return { fitted, residual: y.map((value, b) => value - fitted[b]) };
}
