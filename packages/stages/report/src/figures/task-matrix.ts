import * as Plot from '@observablehq/plot';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { taskName } from '../page/words.js';

/** A matrix of tasks by tasks, names on the left and on top; `marks` are drawn over its empty cells. */
export function taskMatrix<Row>(
  label: string,
  tasks: readonly string[],
  rows: readonly Row[],
  /** Place of a row, as names of tasks. */
  at: { x: (row: Row) => string; y: (row: Row) => string },
  { rowHeight, marks, options = {} }: { rowHeight: number; marks: Plot.Markish[]; options?: Plot.PlotOptions },
): Markup {
  const domain = tasks.map(taskName);
  const side = Math.max(50, Math.min(84, 520 / tasks.length));
  return drawPlot(label, {
    width: 134 + side * tasks.length,
    height: 62 + side * rowHeight * tasks.length,
    marginLeft: 132,
    marginTop: 60,
    marginRight: 2,
    marginBottom: 2,
    x: { domain, axis: null, padding: 0.04 },
    y: { domain, label: null, tickSize: 0, padding: 0.05 },
    marks: [
      Plot.axisX({ anchor: 'top', tickSize: 0, label: null, lineWidth: side / 12, fontSize: 11 }),
      Plot.cell(rows as Row[], { ...at, fill: 'var(--wash)', ariaHidden: 'true' } as Plot.CellOptions),
      ...marks,
    ],
    opacity: { type: 'identity' },
    ...options,
  });
}
