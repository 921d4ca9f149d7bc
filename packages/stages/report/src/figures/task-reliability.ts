import type { Reliability } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import { taskColour } from '../page/colour.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { decimal, taskName } from '../page/words.js';

/** Correlation of a task's sessions with its 95% interval, a row per task, beside that with other tasks. */
export function taskReliability(rows: readonly Reliability[], tasks: readonly string[]): Markup {
  const known = rows.filter((row) => Number.isFinite(row.within));
  const y = (row: Reliability) => taskName(row.task);
  const least = Math.min(0, ...known.flatMap((row) => [row.lower, row.between, row.within].filter(Number.isFinite)));
  const colour = (row: Reliability) => taskColour(tasks, row.task);
  const title = (row: Reliability) =>
    `${taskName(row.task)}: ${decimal(row.within)}${Number.isFinite(row.lower) ? ` (${decimal(row.lower)} to ${decimal(row.upper)})` : ''}`;
  return drawPlot(
    `Mean correlation of the maps of two sessions of each task, with 95% intervals, and of two tasks: ${rangeWords(known, (r) => r.within, y, decimal)}.`,
    {
      width: 480,
      height: 52 + tasks.length * 30,
      marginLeft: 132,
      marginRight: 12,
      marginBottom: 38,
      marginTop: 6,
      x: { domain: [least, 1], label: 'correlation of two sessions →', labelAnchor: 'right', tickSize: 3 },
      y: { domain: tasks.map(taskName), label: null, tickSize: 0 },
      marks: [
        Plot.ruleY(tasks.map(taskName), { stroke: 'var(--rule)' }),
        Plot.tickX(
          known.filter((row) => Number.isFinite(row.between)),
          {
            ...{ x: 'between', y, stroke: 'var(--quiet)', strokeWidth: 2, insetTop: 7, insetBottom: 7 },
            title: (row: Reliability) => `${taskName(row.task)} with other tasks: ${decimal(row.between)}`,
          },
        ),
        Plot.ruleY(
          known.filter((row) => Number.isFinite(row.lower)),
          { y, x1: 'lower', x2: 'upper', stroke: colour, strokeWidth: 2.5, title },
        ),
        Plot.dot(known, {
          ...{ y, x: 'within', r: 5, fill: colour },
          title,
        }),
      ],
      color: { type: 'identity' },
    },
  );
}
