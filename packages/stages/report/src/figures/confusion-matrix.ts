import type { Confusion } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import { taskColour } from '../page/colour.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { count, percent, taskName } from '../page/words.js';

/** Presented task by identified task; a row is shaded by its shares, in the colour of the presented task. */
export function confusionMatrix(label: string, rows: readonly Confusion[], tasks: readonly string[]): Markup {
  const presented = new Map(
    tasks.map((task) => [task, rows.filter((r) => r.task === task).reduce((sum, r) => sum + r.count, 0)]),
  );
  const shareOf = (r: Confusion) => r.count / (presented.get(r.task) || 1);
  const domain = tasks.map(taskName);
  const at = { x: (r: Confusion) => taskName(r.identified), y: (r: Confusion) => taskName(r.task) };
  const side = Math.max(36, Math.min(50, 330 / tasks.length));
  const right = rows.filter((r) => r.task === r.identified);
  const words = `${label}: shares identified correctly ${rangeWords(right, shareOf, (r) => taskName(r.task), percent)}.`;
  return drawPlot(words, {
    width: 172 + side * tasks.length,
    height: 90 + side * 0.7 * tasks.length,
    marginLeft: 112,
    marginTop: 88,
    marginRight: 60,
    marginBottom: 2,
    x: { domain, axis: null, padding: 0.04 },
    y: { domain, label: null, tickSize: 0, padding: 0.05 },
    marks: [
      Plot.axisX({ anchor: 'top', tickSize: 0, label: null, tickRotate: -35, fontSize: 11 }),
      Plot.cell(rows, { ...at, fill: 'var(--wash)', ariaHidden: 'true' }),
      Plot.cell(rows, {
        ...at,
        fill: (r: Confusion) => taskColour(tasks, r.task),
        fillOpacity: (r: Confusion) => 0.75 * shareOf(r),
        title: (r: Confusion) =>
          `${taskName(r.task)} identified as ${taskName(r.identified)}: ${count(r.count)} (${percent(shareOf(r))})`,
      }),
      Plot.text(
        rows.filter((r) => r.count > 0),
        { ...at, text: (r: Confusion) => count(r.count), fontSize: 13 },
      ),
    ],
    color: { type: 'identity' },
    opacity: { type: 'identity' },
  });
}
