import type { DesignMatrix } from '../design-matrix.js';
import type { PromptLayout } from '../layout.js';
import { conditionsOf } from './block-design.js';

/**
 * A finite impulse response over token position: for each task a column for each bin of positions, so that the course of
 * a prompt is free. Names are `task[0]`, or `task[0-3]` for a bin of several positions; the last bin is open.
 *
 * @param bins number of columns for each task
 * @param width positions a bin, default 1
 */
export function tokenResponse(
  layout: PromptLayout,
  condition: readonly (string | null)[],
  bins: number,
  width = 1,
  tasks: readonly string[] = conditionsOf(condition),
): DesignMatrix {
  const columns = tasks.length * bins;
  const X = new Float64Array(condition.length * columns);
  condition.forEach((name, row) => {
    const task = name === null ? -1 : tasks.indexOf(name);
    if (task < 0) return;
    const bin = Math.min(bins - 1, Math.floor(layout.position[row] / width));
    X[row * columns + task * bins + bin] = 1;
  });
  const range = (bin: number) => {
    const first = bin * width;
    if (bin === bins - 1) return `${first}+`;
    return width === 1 ? `${first}` : `${first}-${first + width - 1}`;
  };
  const names = tasks.flatMap((task) => Array.from({ length: bins }, (_, bin) => `${task}[${range(bin)}]`));
  return { names, X, rows: condition.length, columns };
}
