import type { DesignMatrix } from '../design-matrix.js';
import { createEstimator } from '../estimator.js';
import type { Fit } from '../fit.js';
import { uniformLayout } from '../layout.js';

/**
 * The second level: effects of sessions as observations, so that conclusions hold for further sessions.
 *
 * @param effects of each session, [units]
 * @param design a row for each session; default one column `mean`
 * @returns a fit to take contrasts of; `contrastT(fit, Float64Array.of(1))` tests the mean
 */
export function randomEffects(
  effects: readonly Float64Array[],
  design: DesignMatrix = meanDesign(effects.length),
): Fit {
  const units = effects[0].length;
  const estimator = createEstimator('ols', design, uniformLayout(1, effects.length, 1), units);
  effects.forEach((session, row) => {
    estimator.add(session, row);
  });
  return estimator.finish();
}

function meanDesign(rows: number): DesignMatrix {
  return { names: ['mean'], X: new Float64Array(rows).fill(1), rows, columns: 1 };
}
