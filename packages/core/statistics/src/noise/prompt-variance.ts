import { backwardSolve, cholesky, choleskyInverse, forwardSolve } from '@galvani/numerics';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { type DesignMatrix, type DesignSpace, nearlyCollinear } from '../design-matrix.js';
import { type PromptFit, unitFlag } from '../fit.js';
import { basisDesign } from './basis-design.js';
import { flagUnits, offBasis, restoreLevel } from './least-squares.js';
import { minimize } from './minimize.js';
import type { Moments } from './moment-sums.js';
import type { WithinPrompts } from './within-prompts.js';

/**
 * The random-intercept model of prompts of unequal length, by REML in each unit's own variance ratio.
 *
 * With m the means, D = diag(1 / length) and U a basis of what the design leaves that makes U' D U = diag(xi), the
 * restricted likelihood of the ratio is a sum over B - rank numbers. Source: Kang et al., Genetics 178 (2008), EMMA.
 *
 * `dispersion` is the variance of the mean of a prompt of typical (harmonic mean) length, over B - rank.
 */
export function fitUnequalPrompts(
  design: DesignMatrix,
  space: DesignSpace,
  moments: Moments,
  promptMeans: Float64Array,
  within: WithinPrompts,
): PromptFit {
  const { segments, units } = moments;
  const prompts = segments.count;
  const { rank } = space;
  const inverseLength = Float64Array.from(segments.length, (length) => 1 / length);
  const typical = inverseLength.reduce((sum, value) => sum + value, 0) / prompts;
  const x = basisDesign(design, space);
  const { rotation, xi } = residualSpace(x, prompts, rank, inverseLength);
  const df = prompts - rank;
  const beta = new Float64Array(design.columns * units);
  const dispersion = new Float64Array(units);
  const ratio = new Float64Array(units);
  const residual = new Float64Array(units);
  const eta = new Float64Array(df);
  const gram = new Float64Array(rank * rank);
  const theta = new Float64Array(rank);
  const squares = new Float64Array(units);

  /** Cholesky factor of X' W X at a variance ratio, and X' W m of a unit where one is given. */
  function normalEquations(lambda: number, unit?: number): boolean {
    gram.fill(0);
    theta.fill(0);
    for (let s = 0; s < prompts; s++) {
      const weight = (lambda + typical) / (lambda + inverseLength[s]);
      const m = unit === undefined ? 0 : promptMeans[s * units + unit];
      for (let a = 0; a < rank; a++) {
        const wx = weight * x[s * rank + a];
        if (wx === 0) continue;
        theta[a] += wx * m;
        for (let b = 0; b <= a; b++) gram[a * rank + b] += wx * x[s * rank + b];
      }
    }
    return cholesky(gram, rank);
  }

  for (let v = 0; v < units; v++) {
    for (let s = 0; s < prompts; s++) squares[v] += promptMeans[s * units + v] ** 2;
    if (!Number.isFinite(within.squares[v])) {
      residual[v] = Number.NaN;
      continue;
    }
    const inside = Math.max(0, within.squares[v]);
    for (let k = 0; k < df; k++) {
      let sum = 0;
      for (let s = 0; s < prompts; s++) sum += rotation[k * prompts + s] * promptMeans[s * units + v];
      eta[k] = sum;
    }
    // The share of a typical prompt's variance that is the prompt's own: ratio / (ratio + 1 / length).
    const criterion = (share: number) => {
      const lambda = (share * typical) / (1 - share);
      let sum = inside;
      let logs = 0;
      for (let k = 0; k < df; k++) {
        const variance = lambda + xi[k];
        sum += (eta[k] * eta[k]) / variance;
        logs += Math.log(variance);
      }
      return (within.df + df) * Math.log(sum) + logs;
    };
    const share = inside > 0 ? minimize(criterion, 0, 1 - 1e-9, 33) : 1 - 1e-9;
    const lambda = (share * typical) / (1 - share);
    ratio[v] = lambda;
    for (let k = 0; k < df; k++) residual[v] += (eta[k] * eta[k] * (lambda + typical)) / (lambda + xi[k]);
    dispersion[v] = residual[v] / df;
    if (!normalEquations(lambda, v)) throw nearlyCollinear(space);
    forwardSolve(gram, rank, theta);
    backwardSolve(gram, rank, theta);
    for (let j = 0; j < design.columns; j++) {
      let sum = 0;
      for (let a = 0; a < rank; a++) sum += space.basis[a * design.columns + j] * theta[a];
      beta[j * units + v] = sum;
    }
  }
  const flags = flagUnits(squares, residual, dispersion);
  restoreLevel(beta, moments.shift, space, flags);
  const common = { units, design, space, beta, dispersion, df, rank, flags };
  return {
    noise: 'mixed',
    ...common,
    parameters: { ratio },
    covariance(unit) {
      if (flags[unit] === unitFlag.nonFinite) return new Float64Array(design.columns ** 2).fill(Number.NaN);
      normalEquations(ratio[unit]);
      return offBasis(choleskyInverse(gram, rank), space);
    },
    promptMeans,
    shift: moments.shift,
  };
}

/** Orthonormal rows that the design leaves, turned so that they diagonalise D: [(prompts - rank) x prompts]. */
function residualSpace(x: Float64Array, prompts: number, rank: number, d: Float64Array) {
  const projector = Matrix.eye(prompts);
  const design = Matrix.from1DArray(prompts, rank, x);
  const q = orthonormal(design);
  projector.sub(q.mmul(q.transpose()));
  const complement = new EigenvalueDecomposition(projector, { assumeSymmetric: true });
  const order = Array.from(complement.realEigenvalues.keys())
    .sort((a, b) => complement.realEigenvalues[b] - complement.realEigenvalues[a])
    .slice(0, prompts - rank);
  const u = complement.eigenvectorMatrix.subMatrixColumn(order);
  const scaled = u.clone();
  for (let s = 0; s < prompts; s++) scaled.mulRow(s, d[s]);
  const inner = u.transpose().mmul(scaled);
  const turned = new EigenvalueDecomposition(inner.add(inner.transpose()).mul(0.5), { assumeSymmetric: true });
  const rotation = turned.eigenvectorMatrix.transpose().mmul(u.transpose());
  return { rotation: Float64Array.from(rotation.to1DArray()), xi: Float64Array.from(turned.realEigenvalues) };
}

/** Orthonormal columns with the span of a full-rank matrix (modified Gram and Schmidt, twice). */
function orthonormal(x: Matrix): Matrix {
  const q = x.clone();
  for (let pass = 0; pass < 2; pass++) {
    for (let j = 0; j < q.columns; j++) {
      const column = q.getColumnVector(j);
      for (let k = 0; k < j; k++) {
        const other = q.getColumnVector(k);
        column.sub(Matrix.mul(other, other.dot(column)));
      }
      column.div(column.norm());
      q.setColumn(j, column);
    }
  }
  return q;
}
