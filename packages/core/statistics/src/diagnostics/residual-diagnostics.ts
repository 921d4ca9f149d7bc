import { chi2LogSf } from '@galvani/numerics';
import type { DesignMatrix } from '../design-matrix.js';
import type { Fit } from '../fit.js';
import { type PromptLayout, segmentsOf } from '../layout.js';

/** What a fit leaves behind, for each unit. */
export interface ResidualDiagnostics {
  /** Lag-1 autocorrelation of residuals within prompts. */
  lag1: Float64Array;
  /** Ljung and Box's statistic over lags 1..`lags` within prompts. */
  ljungBox: Float64Array;
  /** log10 of its p value: small where the residuals are not white. */
  ljungBoxLog10p: Float64Array;
  /** Share of the residual variance that is the prompt's own (one-way analysis of variance); negative where less than none. */
  intraclass: Float64Array;
  /** Residual standard deviation. */
  deviation: Float64Array;
  /** Residual excess kurtosis. */
  kurtosis: Float64Array;
}

/** Options of `createDiagnostics`. */
export interface DiagnosticsOptions {
  /** Lags of Ljung and Box's statistic; default 5, and no more than the longest prompt allows. */
  lags?: number;
  /** Whiten residuals with the fit's own rho first: what an AR(1) fit leaves. Default false. */
  whiten?: boolean;
}

/**
 * Diagnostics of residuals, in a second pass over the rows: y - X beta needs beta.
 *
 * Source of the statistic: Ljung and Box, Biometrika 65 (1978), with the pairs of neighbours that prompts allow:
 * (N + 2) N sum over lags of r_k^2 / pairs_k.
 *
 * @param design of the rows
 */
export function createDiagnostics(
  fit: Fit,
  design: DesignMatrix,
  layout: PromptLayout,
  options: DiagnosticsOptions = {},
): { add(rows: Float32Array | Float64Array, firstRow: number): void; finish(): ResidualDiagnostics } {
  const { units } = fit;
  const { columns, X } = design;
  const segments = segmentsOf(layout);
  const longest = segments.length.reduce((most, length) => Math.max(most, length), 0);
  const lags = Math.min(options.lags ?? 5, longest - 1);
  const rho = options.whiten ? fit.parameters.rho : undefined;
  const products = new Float64Array((lags + 1) * units);
  const fourth = new Float64Array(units);
  const promptSum = new Float64Array(units);
  const between = new Float64Array(units);
  const raw = new Float64Array(units);
  const rawSquares = new Float64Array(units);
  const before = new Float64Array(units);
  const recent = Array.from({ length: lags }, () => new Float64Array(units));
  const current = new Float64Array(units);

  function add(rows: Float32Array | Float64Array, firstRow: number): void {
    for (let i = 0; i < rows.length / units; i++) {
      const row = firstRow + i;
      const segment = segments.ofRow[row];
      const position = row - segments.start[segment];
      for (let v = 0; v < units; v++) current[v] = rows[i * units + v];
      for (let j = 0; j < columns; j++) {
        const x = X[row * columns + j];
        if (x !== 0) for (let v = 0, at = j * units; v < units; v++, at++) current[v] -= x * fit.beta[at];
      }
      for (let v = 0; v < units; v++) {
        rawSquares[v] += current[v] * current[v];
        promptSum[v] = (position === 0 ? 0 : promptSum[v]) + current[v];
        raw[v] += current[v];
      }
      if (row === segments.start[segment] + segments.length[segment] - 1) {
        for (let v = 0; v < units; v++) between[v] += (promptSum[v] * promptSum[v]) / segments.length[segment];
      }
      if (rho) {
        for (let v = 0; v < units; v++) {
          const own = current[v];
          current[v] = position === 0 ? own * Math.sqrt(1 - rho[v] * rho[v]) : own - rho[v] * before[v];
          before[v] = own;
        }
      }
      for (let v = 0; v < units; v++) {
        const square = current[v] * current[v];
        products[v] += square;
        fourth[v] += square * square;
      }
      for (let lag = 1; lag <= Math.min(lags, position); lag++) {
        const past = recent[(row - lag + lags * 2) % lags];
        for (let v = 0, at = lag * units; v < units; v++, at++) products[at] += current[v] * past[v];
      }
      if (lags > 0) recent[row % lags].set(current);
    }
  }

  function finish(): ResidualDiagnostics {
    const rows = design.rows;
    const pairs = Array.from({ length: lags + 1 }, (_, lag) =>
      segments.length.reduce((sum, length) => sum + Math.max(0, length - lag), 0),
    );
    const make = () => new Float64Array(units).fill(Number.NaN);
    const [lag1, ljungBox, ljungBoxLog10p, intraclass, deviation, kurtosis] = Array.from({ length: 6 }, make);
    const squares = segments.length.reduce((sum, length) => sum + length * length, 0);
    const typical = (rows - squares / rows) / (segments.count - 1);
    const df = lags - (rho ? 1 : 0);
    for (let v = 0; v < units; v++) {
      if (fit.flags[v] !== 0) continue;
      deviation[v] = Math.sqrt(products[v] / (rows - fit.space.rank));
      kurtosis[v] = (fourth[v] * rows) / (products[v] * products[v]) - 3;
      if (lags > 0) lag1[v] = ((products[units + v] / products[v]) * rows) / pairs[1];
      let q = 0;
      for (let lag = 1; lag <= lags; lag++) q += (products[lag * units + v] / products[v]) ** 2 / pairs[lag];
      ljungBox[v] = rows * (rows + 2) * q;
      ljungBoxLog10p[v] = df > 0 ? chi2LogSf(ljungBox[v], df) / Math.LN10 : Number.NaN;
      const correction = (raw[v] * raw[v]) / rows;
      const meanBetween = (between[v] - correction) / Math.max(1, segments.count - fit.space.rank);
      const meanWithin = (rawSquares[v] - between[v]) / Math.max(1, rows - segments.count);
      intraclass[v] = (meanBetween - meanWithin) / (meanBetween + (typical - 1) * meanWithin);
    }
    return { lag1, ljungBox, ljungBoxLog10p, intraclass, deviation, kurtosis };
  }
  return { add, finish };
}
