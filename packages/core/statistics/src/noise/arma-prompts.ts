import { backwardSolve, cholesky, choleskyInverse, choleskyLogDeterminant, forwardSolve } from '@galvani/numerics';
import type { DesignMatrix } from '../design-matrix.js';
import type { Segments } from '../layout.js';
import type { ArmaForms } from './arma-forms.js';
import type { ArmaPoint } from './arma-point.js';
import { type ArmaProblem, distinct, powerSum } from './arma-problem.js';
import {
  addAllProducts,
  alphaBeta,
  foldedPairs,
  foldProducts,
  formSize,
  formsOf,
  meanSize,
  promptTables,
} from './arma-prompt-sums.js';
import { varyingColumns } from './columns.js';
import { gramMatrix } from './least-squares.js';

/** Whether regressors are constant within prompts, and sums of products of tokens are few beside the tokens. */
export function promptsSuffice(design: DesignMatrix, segments: Segments): boolean {
  const { lengths } = distinct(Array.from(segments.length));
  const products = lengths.reduce((sum, n) => sum + (n * n) / 4, 0);
  return segments.count > 1 && products <= 2 * design.rows && varyingColumns(design, segments).length === 0;
}

/**
 * Regressors constant within prompts. A unit is its sums of products of tokens over the prompts of each length, whatever their
 * number, and the sums of prompts along each column. With one length X' V^-1 X is a multiple of X'X, and of the columns no more
 * is needed than the products of such sums over orthonormal columns.
 *
 * Of a unit are kept at one ma: y'y, the forms along Q1 and Q2, those three of each length that w weighs, and then for
 * each column 1'y and v'y of each length; with one length only the sum of (v'y)^2 over columns, since residuals have no 1'y.
 */
export function promptProblem(x: Float64Array, rows: number, rank: number, segments: Segments) {
  const { start, count } = segments;
  const { lengths, lengthOf, prompts } = distinct(Array.from(segments.length));
  const groups = lengths.length;
  const single = groups === 1;
  const rowsOf = new Float64Array(count * rank);
  for (let s = 0; s < count; s++) rowsOf.set(x.subarray(start[s] * rank, (start[s] + 1) * rank), s * rank);
  const members = lengths.map((_, g) => lengthOf.flatMap((own, s) => (own === g ? [s] : [])));
  const pairs = lengths.map(foldedPairs);
  const halves = lengths.map((n) => Math.ceil(n / 2));
  const df = rows - rank;

  // Where a unit's rows are: y'y; folded products of each length; sums along columns, or their products.
  const pairsAt = lengths.map((_, g) => 1 + pairs.slice(0, g).reduce((sum, { i }) => sum + i.length, 0));
  const alongAt = lengths.map(
    (_, g) => pairsAt[groups - 1] + pairs[groups - 1].i.length + halves.slice(0, g).reduce((a, h) => a + h * rank, 0),
  );
  const last = alongAt[groups - 1];
  const posedRows = last + halves[groups - 1] * (single ? halves[0] : rank);

  const grams = members.map((these) => {
    const X = new Float64Array(these.length * rank);
    these.forEach((s, at) => {
      X.set(rowsOf.subarray(s * rank, (s + 1) * rank), at * rank);
    });
    return gramMatrix({ names: [], X, rows: these.length, columns: rank });
  });
  const cells = Int32Array.from(grams[0].keys()).filter(
    (cell) => Math.floor(cell / rank) >= cell % rank && grams.some((gram) => gram[cell] !== 0),
  );
  const orthogonal = Float64Array.from(grams[0]);
  if (single) cholesky(orthogonal, rank);

  const longest = Math.max(...lengths);
  const lower = new Float64Array(longest * longest);
  const along = new Float64Array(rank * Math.ceil(longest / 2));
  const folded = new Float64Array(Math.ceil(longest / 2));

  function pose(residuals: Float64Array, out: Float64Array, to: number): void {
    let squares = 0;
    for (let g = 0; g < groups; g++) {
      const n = lengths[g];
      const half = halves[g];
      lower.fill(0, 0, n * n);
      along.fill(0, 0, rank * half);
      addAllProducts(lower, residuals, start, members[g], n);
      for (let t = 0; t < n; t++) squares += lower[t * n + t];
      for (const s of members[g]) {
        const row = start[s];
        for (let t = 0; t < half; t++) {
          const back = n - 1 - t;
          folded[t] = t === back ? residuals[row + t] : residuals[row + t] + residuals[row + back];
        }
        for (let a = 0; a < rank; a++) {
          const weight = rowsOf[s * rank + a];
          if (weight !== 0) for (let t = 0; t < half; t++) along[a * half + t] += weight * folded[t];
        }
      }
      foldProducts(lower, n, out, to + pairsAt[g]);
      if (!single) out.set(along.subarray(0, rank * half), to + alongAt[g]);
    }
    out[to] = squares;
    if (single) productsAlong(out, to + alongAt[0]);
  }

  /** Products of the sums along orthonormal columns. */
  function productsAlong(out: Float64Array, to: number): void {
    const half = halves[0];
    out.fill(0, to, to + half * half);
    for (let a = 0; a < rank; a++) {
      const row = a * half;
      for (let b = 0; b < a; b++) {
        const weight = orthogonal[a * rank + b];
        for (let t = 0; t < half; t++) along[row + t] -= weight * along[b * half + t];
      }
      for (let t = 0; t < half; t++) along[row + t] /= orthogonal[a * rank + a];
      for (let t = 0; t < half; t++)
        for (let k = 0; k < half; k++) out[to + t * half + k] += along[row + t] * along[row + k];
    }
  }

  const first = 3 + 3 * groups;
  const unitSize = first + (single ? 1 : 2 * groups * rank);
  const tables = lengths.map((n, g) => promptTables(n, pairs[g]));
  const five = new Float64Array(formSize);

  function at(ma: number): ArmaForms {
    const design = new Float64Array(groups * meanSize);
    for (let g = 0; g < groups; g++) tables[g].take(-ma, design, g * meanSize);
    return { ma, design, powers: Float64Array.from(lengths, (n) => powerSum(ma * ma, n)) };
  }

  function unit(y: Float64Array, firstRow: number, out: Float64Array, to = 0): void {
    out[to] = y[firstRow];
    out[to + 1] = 0;
    out[to + 2] = 0;
    for (let g = 0; g < groups; g++) {
      const { forms, v } = tables[g];
      formsOf(forms, y, firstRow + pairsAt[g], five, 0);
      out[to + 1] += five[0];
      out[to + 2] += five[1];
      out[to + 3 + 3 * g] = five[2];
      out[to + 4 + 3 * g] = five[3];
      out[to + 5 + 3 * g] = five[4];
      const half = v.length;
      let from = firstRow + alongAt[g];
      if (single) {
        let sum = 0;
        for (let t = 0; t < half; t++) {
          let own = 0;
          for (let k = 0; k < half; k++) own += v[k] * y[from++];
          sum += v[t] * own;
        }
        out[to + first] = sum;
        continue;
      }
      for (let a = 0, place = to + first + 2 * g; a < rank; a++, place += 2 * groups) {
        let sum = 0;
        let own = 0;
        for (let k = 0; k < half; k++) {
          const value = y[from++];
          sum += value;
          own += v[k] * value;
        }
        out[place] = sum;
        out[place + 1] = own;
      }
    }
  }

  const mean = new Float64Array(3);
  const totals = new Float64Array(groups);

  function point({ ma, design, powers }: ArmaForms, ar: number, into?: ArmaPoint): ArmaPoint {
    const own = into ?? {
      weights: new Float64Array(first + (single ? 1 : 2 * groups)),
      factor: new Float64Array(single ? 0 : rank * rank),
      logs: 0,
    };
    const { weights, factor } = own;
    const d = -ma - ar;
    const excess = (d * d) / (1 - ar * ar);
    weights[0] = 1;
    weights[1] = d;
    weights[2] = d * d;
    own.logs = 0;
    for (let g = 0; g < groups; g++) {
      const determinant = 1 + excess * powers[g];
      const w = excess / determinant;
      own.logs += prompts[g] * Math.log(determinant);
      weights[3 + 3 * g] = -w;
      weights[4 + 3 * g] = -2 * w * d;
      weights[5 + 3 * g] = -w * d * d;
      alphaBeta(lengths[g], -ma, d, w, design, g * meanSize, mean, 0);
      totals[g] = mean[2];
      if (single) {
        weights[first] = -(mean[1] * mean[1]) / mean[2];
      } else {
        weights[first + 2 * g] = mean[0];
        weights[first + 2 * g + 1] = mean[1];
      }
    }
    if (single) {
      own.logs += rank * Math.log(totals[0]);
      return own;
    }
    factor.fill(0);
    for (let k = 0; k < cells.length; k++) {
      const cell = cells[k];
      let sum = 0;
      for (let g = 0; g < groups; g++) sum += totals[g] * grams[g][cell];
      factor[cell] = sum;
    }
    own.logs = cholesky(factor, rank) ? own.logs + choleskyLogDeterminant(factor, rank) : Number.NaN;
    return own;
  }

  const solved = new Float64Array(rank);

  function squares({ weights, factor }: ArmaPoint, kept: Float64Array): number {
    let sum = 0;
    const own = single ? first + 1 : first;
    for (let i = 0; i < own; i++) sum += weights[i] * kept[i];
    if (single) return sum;
    for (let a = 0, at = first; a < rank; a++) {
      let value = 0;
      for (let i = first; i < weights.length; i++) value += weights[i] * kept[at++];
      const row = a * rank;
      for (let b = 0; b < a; b++) value -= factor[row + b] * solved[b];
      value /= factor[row + a];
      solved[a] = value;
      sum -= value * value;
    }
    return sum;
  }

  const kept = new Float64Array(unitSize);

  /** What to add to the least-squares coefficients, and the residual sum of squares, V of variance one. */
  function fit(residuals: Float64Array, ar: number, ma: number, posed: Float64Array, from: number) {
    const here = at(ma);
    const there = point(here, ar);
    unit(posed, from, kept);
    const residual = squares(there, kept) * varianceOf(ar, ma);
    if (!single) {
      const theta = Float64Array.from(solved);
      backwardSolve(there.factor, rank, theta);
      return { theta, residual };
    }
    const theta = new Float64Array(rank);
    const { v } = tables[0];
    const n = lengths[0];
    const share = mean[1] / mean[2];
    for (let s = 0; s < count; s++) {
      let sum = 0;
      for (let t = 0, row = start[s]; t < n; t++, row++) sum += v[Math.min(t, n - 1 - t)] * residuals[row];
      for (let a = 0; a < rank; a++) theta[a] += share * sum * rowsOf[s * rank + a];
    }
    forwardSolve(orthogonal, rank, theta);
    backwardSolve(orthogonal, rank, theta);
    return { theta, residual };
  }

  /** (X' V^-1 X)^-1 on the basis, V of variance one. */
  function inverse(ar: number, ma: number): Float64Array {
    const { factor } = point(at(ma), ar);
    const scale = varianceOf(ar, ma) * (single ? mean[2] : 1);
    return choleskyInverse(single ? orthogonal : factor, rank).map((value) => value / scale);
  }

  const problem: ArmaProblem = { df, lengths, rows: posedRows, pose, unitSize, at, unit, point, squares };
  return { ...problem, fit, inverse };
}

/** Variance of the noise, that of its innovations being one. */
const varianceOf = (ar: number, ma: number) => (1 + 2 * ar * ma + ma * ma) / (1 - ar * ar);
