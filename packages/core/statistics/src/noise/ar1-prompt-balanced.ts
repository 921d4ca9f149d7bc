import type { DesignMatrix, DesignSpace } from '../design-matrix.js';
import { type Fit, unitFlag } from '../fit.js';
import { type Ar1Forms, fromBasis, precisionOfMean } from './autocorrelation.js';
import { flagUnits, offBasis, restoreLevel, smallProduct } from './least-squares.js';
import { minimize } from './minimize.js';
import type { Moments } from './moment-sums.js';
import { residualSums, segmentDesign } from './prompt-residuals.js';

/**
 * AR(1) and prompt intercept where prompts have one length and regressors are constant within them. Then V^-1 1 of a
 * prompt is a multiple of K 1, K the inverse AR(1) matrix, so rows split into prompts' weighted means u_b / c and what
 * is within prompts, and only rho is left to search:
 *
 *     -2 log L = (N - B) log W(rho) + (B - rank) log M(rho) - B log(1 - rho^2) + rank log c(rho)
 *
 * with W and M the sums of squares within and between prompts.
 */
export function fitBalanced(design: DesignMatrix, space: DesignSpace, moments: Moments, forms: Ar1Forms): Fit {
  const { units, segments } = moments;
  const { rank } = space;
  const prompts = segments.count;
  const length = segments.length[0];
  const rows = design.rows;
  const df = prompts - rank;
  const x = segmentDesign(design, space, segments);
  residualSums(moments, x, forms.theta, rank);
  const edges = moments.edges as Float64Array;
  const edgeProducts = smallProduct(x.sums, rank, prompts, edges, units, (a, s) => s * rank + a);
  for (let at = 0; at < edgeProducts.length; at++) edgeProducts[at] /= length;
  // (X' X)^-1 over rows is 1 / length of the one over prompts.
  const inverse = forms.inverse.map((value) => value * length);
  const solved = smallProduct(inverse, rank, rank, edgeProducts, units);
  const [ss, se, ee, projected] = Array.from({ length: 4 }, () => new Float64Array(units));
  for (let s = 0; s < prompts; s++) {
    for (let v = 0, at = s * units; v < units; v++, at++) {
      ss[v] += moments.sums[at] * moments.sums[at];
      se[v] += moments.sums[at] * edges[at];
      ee[v] += edges[at] * edges[at];
    }
  }
  for (let a = 0; a < rank; a++) {
    for (let v = 0, at = a * units; v < units; v++, at++) projected[v] += edgeProducts[at] * solved[at];
  }
  const [r0, r1, r2] = forms.residual;
  const dispersion = new Float64Array(units);
  const rho = new Float64Array(units).fill(Number.NaN);
  const ratio = new Float64Array(units).fill(Number.NaN);
  const flags = flagUnits(moments.squares as Float64Array, r0, dispersion);
  const theta = Float64Array.from(forms.theta);
  for (let v = 0; v < units; v++) {
    if (flags[v] !== unitFlag.fine) continue;
    const between = (r: number, edge: number) => {
      const w = (1 - r) * (1 - r);
      const e = r * (1 - r);
      return (w * w * ss[v] + 2 * w * e * se[v] + e * e * edge) / precisionOfMean(r, length);
    };
    const within = (r: number) => r0[v] - r * r1[v] + r * r * r2[v] - between(r, ee[v]);
    const criterion = (r: number) =>
      (rows - prompts) * Math.log(within(r)) +
      df * Math.log(between(r, ee[v] - projected[v])) -
      prompts * Math.log(1 - r * r) +
      rank * Math.log(precisionOfMean(r, length));
    const r = minimize(criterion, -0.999, 0.999, 17, 1e-10);
    const c = precisionOfMean(r, length);
    const variance = between(r, ee[v] - projected[v]) / df;
    rho[v] = r;
    dispersion[v] = variance / c;
    ratio[v] = (variance / (within(r) / (rows - prompts)) - 1) / c;
    const step = (r * (1 - r)) / c;
    for (let a = 0; a < rank; a++) theta[a * units + v] += step * solved[a * units + v];
  }
  const beta = fromBasis(theta, space, units);
  restoreLevel(beta, moments.shift, space, flags);
  const shared = offBasis(inverse, space);
  const common = { units, design, space, beta, dispersion, df, rank, flags };
  return {
    noise: 'ar1+prompt',
    ...common,
    parameters: { rho, ratio },
    sharedCovariance: shared,
    covariance: () => Float64Array.from(shared),
  };
}
