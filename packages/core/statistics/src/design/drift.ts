import { type DesignMatrix, joinDesigns } from '../design-matrix.js';
import type { PromptLayout } from '../layout.js';
import { orthogonalizeColumns } from './orthogonal.js';

/**
 * Polynomial drifts of one run, each orthogonal to the lower ones and to the constant: (t / last)^k, k = 1..order.
 * Columns `drift_1`.. as in nilearn, without the constant.
 *
 * @param rows of the run
 * @example polynomialDrift(3, 1).X // [-0.5, 0, 0.5]
 */
export function polynomialDrift(rows: number, order: number): DesignMatrix {
  const columns = Array.from({ length: order + 1 }, (_, k) =>
    Float64Array.from({ length: rows }, (_, i) => (i / Math.max(1, rows - 1)) ** k),
  );
  return driftDesign(orthogonalizeColumns(columns).slice(1), rows);
}

/**
 * Discrete cosine drifts of one run up to a frequency: sqrt(2 / rows) cos(pi k (i + 1/2) / rows), k = 1..floor(2 rows f).
 * Source: Ashburner et al., SPM's spm_dctmtx (DCT-II).
 *
 * @param highPass cycles per row below which drifts are modelled
 * @example cosineDrift(4, 0.125).X // [0.653, 0.271, -0.271, -0.653]
 */
export function cosineDrift(rows: number, highPass: number): DesignMatrix {
  // A rounding error below a whole number, as of 2 * 49 * (1 / 98), does not cost the last one.
  const order = Math.min(rows - 1, Math.floor(2 * rows * highPass * (1 + 1e-12)));
  const columns = Array.from({ length: order }, (_, k) =>
    Float64Array.from(
      { length: rows },
      (_, i) => Math.sqrt(2 / rows) * Math.cos((Math.PI / rows) * (i + 0.5) * (k + 1)),
    ),
  );
  return driftDesign(columns, rows);
}

function driftDesign(columns: Float64Array[], rows: number): DesignMatrix {
  const X = new Float64Array(rows * columns.length);
  columns.forEach((column, j) => {
    for (let i = 0; i < rows; i++) X[i * columns.length + j] = column[i];
  });
  return { names: columns.map((_, j) => `drift_${j + 1}`), X, rows, columns: columns.length };
}

/** The drifts of every run, each in its own columns (`run 3 drift_1`), zero in other runs' rows. */
export function driftPerRun(
  layout: PromptLayout,
  drift: (rows: number) => DesignMatrix,
  runName: (run: number) => string = (run) => `run ${run}`,
): DesignMatrix {
  const total = layout.run.length;
  const parts = [...new Set(layout.run)].map((run): DesignMatrix => {
    const own = Array.from(layout.run.keys()).filter((row) => layout.run[row] === run);
    const part = drift(own.length);
    const X = new Float64Array(total * part.columns);
    own.forEach((row, i) => {
      X.set(part.X.subarray(i * part.columns, (i + 1) * part.columns), row * part.columns);
    });
    return { names: part.names.map((name) => `${runName(run)} ${name}`), X, rows: total, columns: part.columns };
  });
  return joinDesigns(...parts);
}
