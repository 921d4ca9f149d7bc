import { backwardSolve, cholesky, choleskyInverse, choleskyLogDeterminant, forwardSolve } from '@galvani/numerics';
import type { DesignMatrix, DesignSpace } from '../design-matrix.js';
import { type Fit, unitFlag } from '../fit.js';
import { type Ar1Forms, fromBasis, precisionOfMean } from './autocorrelation.js';
import { flagUnits, offBasis, restoreLevel } from './least-squares.js';
import type { Moments } from './moment-sums.js';
import { newtonMinimum } from './newton.js';
import { residualSums, type SegmentDesign, segmentDesign } from './prompt-residuals.js';
import { satterthwaite } from './satterthwaite.js';

/** Sums over prompts of one length that the random intercept takes off, for the design and for one unit. */
interface LengthGroup {
  length: number;
  count: number;
  members: number[];
  /** SX SX', SX EX' + EX SX', EX EX', each [rank x rank]. */
  gram: [Float64Array, Float64Array, Float64Array];
}

/**
 * AR(1) and prompt intercept by REML in two parameters, for prompts of several lengths or regressors that vary within
 * them. By Sherman and Morrison V_b^-1 = K - w K 1 1' K, w = ratio / (1 + ratio c_b), and K 1 has one value at a prompt's
 * edges and another inside, so that sums over prompts and over their edge rows hold all that is needed.
 *
 * The search runs over two unbounded numbers, from which `parametersAt` makes rho and 1 + ratio c of the longest prompt. The
 * latter ends at a tenth: further down, a few longest prompts would count as known without error and decide everything.
 */
export function fitUnbalanced(design: DesignMatrix, space: DesignSpace, moments: Moments, forms: Ar1Forms): Fit {
  const { units, segments } = moments;
  const { rank } = space;
  const rows = design.rows;
  const df = rows - rank;
  const x = segmentDesign(design, space, segments);
  residualSums(moments, x, forms.theta, rank);
  const groups = groupByLength(segments.length, x, rank);
  const longest = Math.max(...groups.map((group) => group.length));
  const typicalLength = segments.count / segments.length.reduce((sum, length) => sum + 1 / length, 0);
  const factor = new Float64Array(rank * rank);
  const right = new Float64Array(rank);
  const unit = unitProducts(groups, rank);
  const [r0, r1, r2] = forms.residual;
  const parametersAt = (at: readonly number[]): [rho: number, ratio: number] => {
    const rho = mostRho * Math.tanh(at[0]);
    return [rho, (leastExcess + Math.exp(at[1]) - 1) / precisionOfMean(rho, longest)];
  };

  /** log determinants of V and of X' V^-1 X; leaves the Cholesky factor of the latter. NaN outside of the model. */
  function factorAt(rho: number, ratio: number): number {
    for (let at = 0; at < factor.length; at++) {
      factor[at] = forms.gram[0][at] - rho * forms.gram[1][at] + rho * rho * forms.gram[2][at];
    }
    let logs = -segments.count * Math.log(1 - rho * rho);
    const p = (1 - rho) * (1 - rho);
    const q = rho * (1 - rho);
    for (const { length, count, gram } of groups) {
      const excess = 1 + ratio * precisionOfMean(rho, length);
      const w = ratio / excess;
      logs += count * Math.log(excess);
      for (let at = 0; at < factor.length; at++) {
        factor[at] -= w * (p * p * gram[0][at] + p * q * gram[1][at] + q * q * gram[2][at]);
      }
    }
    return cholesky(factor, rank) ? logs + choleskyLogDeterminant(factor, rank) : Number.NaN;
  }

  /** Residual sum of squares of the unit that `unit` was loaded with; leaves L^-1 X' V^-1 r in `right`. */
  function residualAt(v: number, rho: number, ratio: number): number {
    let sum = r0[v] - rho * r1[v] + rho * rho * r2[v];
    for (let a = 0; a < rank; a++) {
      right[a] = rho * (rho * forms.products[1][a * units + v] - forms.products[0][a * units + v]);
    }
    const p = (1 - rho) * (1 - rho);
    const q = rho * (1 - rho);
    groups.forEach(({ length }, g) => {
      const w = ratio / (1 + ratio * precisionOfMean(rho, length));
      const { squares, vectors } = unit.groups[g];
      sum -= w * (p * p * squares[0] + 2 * p * q * squares[1] + q * q * squares[2]);
      for (let a = 0; a < rank; a++) {
        right[a] -= w * (p * p * vectors[0][a] + p * q * vectors[1][a] + q * q * vectors[2][a]);
      }
    });
    forwardSolve(factor, rank, right);
    for (let a = 0; a < rank; a++) sum -= right[a] * right[a];
    return sum;
  }

  const criterionOf = (v: number) => (at: readonly number[]) => {
    const [rho, ratio] = parametersAt(at);
    const logs = factorAt(rho, ratio);
    // As a share of least squares' residual: a criterion of order one loses least to rounding, and none to units of measurement.
    const share = residualAt(v, rho, ratio) / r0[v];
    return Number.isNaN(logs) ? Number.POSITIVE_INFINITY : df * Math.log(share) + logs;
  };

  const dispersion = new Float64Array(units);
  const [rho, ratio] = [new Float64Array(units).fill(Number.NaN), new Float64Array(units).fill(Number.NaN)];
  const found: number[][] = [];
  const scale = new Float64Array(units);
  const flags = flagUnits(moments.squares as Float64Array, r0, dispersion);
  const theta = Float64Array.from(forms.theta);
  for (let v = 0; v < units; v++) {
    if (flags[v] !== unitFlag.fine) continue;
    unit.load(moments, x, v);
    found[v] = newtonMinimum(criterionOf(v), searchStarts);
    [rho[v], ratio[v]] = parametersAt(found[v]);
    factorAt(rho[v], ratio[v]);
    scale[v] = ratio[v] + 1 / precisionOfMean(rho[v], typicalLength);
    dispersion[v] = (residualAt(v, rho[v], ratio[v]) / df) * scale[v];
    backwardSolve(factor, rank, right);
    for (let a = 0; a < rank; a++) theta[a * units + v] += right[a];
  }
  const beta = fromBasis(theta, space, units);
  restoreLevel(beta, moments.shift, space, flags);
  const common = { units, design, space, beta, dispersion, df, rank, flags };
  return {
    noise: 'ar1+prompt',
    ...common,
    parameters: { rho, ratio },
    covariance(v) {
      factorAt(rho[v], ratio[v]);
      return offBasis(choleskyInverse(factor, rank), space).map((value) => value / scale[v]);
    },
    contrastDf(weights) {
      return Float64Array.from({ length: units }, (_, v) => {
        if (flags[v] !== unitFlag.fine) return Number.NaN;
        unit.load(moments, x, v);
        return satterthwaite(
          found[v],
          df,
          (at) => {
            const parameters = parametersAt(at);
            const logs = factorAt(...parameters);
            return { logs, residual: residualAt(v, ...parameters) };
          },
          (at) => {
            factorAt(...parametersAt(at));
            return offBasis(choleskyInverse(factor, rank), space);
          },
          weights,
        );
      });
    },
  };
}

/** As far as rho goes where prompts have one length, too. */
const mostRho = 0.999;
const leastExcess = 0.1;

const searchStarts: readonly (readonly number[])[] = [-0.3, 0.2, 0.7, 1.3, 2].flatMap((arc) =>
  [-0.7, 0.2, 1, 2, 3.5].map((excess) => [arc, excess]),
);

function groupByLength(lengths: Int32Array, x: SegmentDesign, rank: number): LengthGroup[] {
  const distinct = [...new Set(lengths)].sort((a, b) => a - b);
  return distinct.map((length) => {
    const members = Array.from(lengths.keys()).filter((s) => lengths[s] === length);
    const gram: LengthGroup['gram'] = [0, 1, 2].map(() => new Float64Array(rank * rank)) as LengthGroup['gram'];
    for (const s of members) {
      for (let a = 0; a < rank; a++) {
        for (let b = 0; b < rank; b++) {
          const [sa, sb, ea, eb] = [
            x.sums[s * rank + a],
            x.sums[s * rank + b],
            x.edges[s * rank + a],
            x.edges[s * rank + b],
          ];
          gram[0][a * rank + b] += sa * sb;
          gram[1][a * rank + b] += sa * eb + ea * sb;
          gram[2][a * rank + b] += ea * eb;
        }
      }
    }
    return { length, count: members.length, members, gram };
  });
}

/** The same sums for one unit's residuals: S^2, S E, E^2, and the design's sums with them. */
function unitProducts(groups: readonly LengthGroup[], rank: number) {
  const own = groups.map(() => ({
    squares: new Float64Array(3),
    vectors: [new Float64Array(rank), new Float64Array(rank), new Float64Array(rank)],
  }));
  return {
    groups: own,
    load(moments: Moments, x: SegmentDesign, v: number): void {
      groups.forEach(({ members }, g) => {
        const { squares, vectors } = own[g];
        squares.fill(0);
        for (const vector of vectors) vector.fill(0);
        for (const s of members) {
          const sum = moments.sums[s * moments.units + v];
          const edge = (moments.edges as Float64Array)[s * moments.units + v];
          squares[0] += sum * sum;
          squares[1] += sum * edge;
          squares[2] += edge * edge;
          for (let a = 0; a < rank; a++) {
            const sx = x.sums[s * rank + a];
            const ex = x.edges[s * rank + a];
            vectors[0][a] += sx * sum;
            vectors[1][a] += sx * edge + ex * sum;
            vectors[2][a] += ex * edge;
          }
        }
      });
    },
  };
}
