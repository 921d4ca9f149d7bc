import { UserMistake } from '@galvani/terminal';
import { columnPairs, type DesignMatrix, type NamedColumns } from '../design-matrix.js';

/**
 * User-supplied columns (one value a row), each centred.
 * Throws a UserMistake that names the column and the row where a value is missing.
 */
export function confoundDesign(columns: NamedColumns, rows: number): DesignMatrix {
  const pairs = columnPairs(columns);
  const X = new Float64Array(rows * pairs.length);
  pairs.forEach(([name, values], j) => {
    if (values.length !== rows) {
      throw new UserMistake(
        `Confound '${name}' has ${values.length} rows and the series ${rows}: give one value a row.`,
      );
    }
    let mean = 0;
    for (let i = 0; i < rows; i++) {
      if (!Number.isFinite(values[i])) {
        throw new UserMistake(`Confound '${name}' is ${values[i]} in row ${i + 1}: give a finite number in every row.`);
      }
      mean += (values[i] - mean) / (i + 1);
    }
    for (let i = 0; i < rows; i++) X[i * pairs.length + j] = values[i] - mean;
  });
  return { names: pairs.map(([name]) => name), X, rows, columns: pairs.length };
}
