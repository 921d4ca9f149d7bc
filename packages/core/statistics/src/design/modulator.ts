import type { DesignMatrix } from '../design-matrix.js';
import type { PromptLayout } from '../layout.js';

/** Over which rows a modulator's mean is taken off. */
export type Centring = 'all' | 'run' | 'prompt' | 'none';

/**
 * A parametric modulator: a number of each token (its position, log probability, entropy) as a regressor.
 *
 * @param values of each row, finite where `within` is true
 * @param centring the rows whose mean is taken off, among those of `within`; default `all`
 * @param within rows that the modulator speaks of, zero elsewhere; default every row
 * @example modulator('position', [0, 1, 0, 1], uniformLayout(1, 2, 2)).X // [-0.5, 0.5, -0.5, 0.5]
 */
export function modulator(
  name: string,
  values: ArrayLike<number>,
  layout: PromptLayout,
  centring: Centring = 'all',
  within: (row: number) => boolean = () => true,
): DesignMatrix {
  const rows = values.length;
  const sums = new Map<string, { sum: number; count: number }>();
  const key = (row: number) => {
    if (centring === 'run') return `${layout.run[row]}`;
    return centring === 'prompt' ? `${layout.run[row]} ${layout.prompt[row]}` : '';
  };
  for (let row = 0; row < rows; row++) {
    if (!within(row)) continue;
    if (!Number.isFinite(values[row])) {
      throw new RangeError(`modulator ${name} is ${values[row]} in row ${row}; it must be a finite number`);
    }
    const group = sums.get(key(row)) ?? { sum: 0, count: 0 };
    group.sum += values[row];
    group.count++;
    sums.set(key(row), group);
  }
  const X = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    if (!within(row)) continue;
    const group = sums.get(key(row)) as { sum: number; count: number };
    X[row] = centring === 'none' ? values[row] : values[row] - group.sum / group.count;
  }
  return { names: [name], X, rows, columns: 1 };
}
