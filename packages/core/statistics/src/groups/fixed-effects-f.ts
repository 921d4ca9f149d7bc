import { cholesky, forwardSolve } from '@galvani/numerics';
import { UserMistake } from '@galvani/terminal';
import { requireEstimable } from '../contrast/estimability.js';
import { type FContrastResult, fResult } from '../contrast/f-contrast.js';
import { type Fit, unitFlag } from '../fit.js';

/**
 * The F test of the mean effects over runs, from each run's full covariance (nilearn adds up whitened effects instead,
 * which is an approximation). Degrees of freedom add. A unit that is flagged in one run is NaN.
 *
 * @param rows independent vectors of one weight for each column; designs of all runs have the same columns
 */
export function fixedEffectsF(fits: readonly Fit[], rows: readonly Float64Array[], name = 'contrast'): FContrastResult {
  for (const fit of fits) requireEstimable(rows, fit.design, fit.space, `'${name}'`);
  const { units, design } = fits[0];
  const k = rows.length;
  const n = design.columns;
  const F = new Float64Array(units).fill(Number.NaN);
  const effects = new Float64Array(k);
  const inner = new Float64Array(k * k);
  for (let v = 0; v < units; v++) {
    if (fits.some((fit) => fit.flags[v] !== unitFlag.fine)) continue;
    effects.fill(0);
    inner.fill(0);
    for (const fit of fits) {
      const covariance = fit.covariance(v);
      for (let i = 0; i < k; i++) {
        for (let a = 0; a < n; a++) {
          if (rows[i][a] === 0) continue;
          effects[i] += rows[i][a] * fit.beta[a * units + v];
          for (let j = 0; j < k; j++) {
            for (let b = 0; b < n; b++)
              inner[i * k + j] += rows[i][a] * covariance[a * n + b] * rows[j][b] * fit.dispersion[v];
          }
        }
      }
    }
    if (!cholesky(inner, k))
      throw new UserMistake(`The rows of the F contrast '${name}' follow from each other: leave one out.`);
    forwardSolve(inner, k, effects);
    F[v] = effects.reduce((sum, value) => sum + value * value, 0) / k;
  }
  const each = fits.map((fit) => fit.contrastDf?.(rows) ?? fit.df);
  const df = each.every((own) => typeof own === 'number')
    ? each.reduce((sum, own) => sum + own, 0)
    : Float64Array.from({ length: units }, (_, v) =>
        each.reduce<number>((sum, own) => sum + (typeof own === 'number' ? own : own[v]), 0),
      );
  return fResult(name, F, k, df);
}
