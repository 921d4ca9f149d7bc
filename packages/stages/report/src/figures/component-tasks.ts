import type { Component } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import { above, below } from '../page/colour.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { decimal, percent, probability, taskName } from '../page/words.js';

/** How far each component's time course follows each task; bold where p over all is below .05. */
export function componentTasks(rows: readonly Component[], tasks: readonly string[]): Markup {
  const side = Math.max(50, Math.min(84, 520 / tasks.length));
  const name = ({ component, share }: Component) => `${component} (${percent(share)})`;
  const components = [...new Set(rows.map(name))];
  const at = { x: ({ task }: Component) => taskName(task), y: name };
  const label = `Matrix of the correlation between components’ time courses and tasks: ${rangeWords(
    rows,
    (r) => r.r,
    (r) => `component ${r.component}, ${taskName(r.task)}`,
    decimal,
  )}.`;
  return drawPlot(label, {
    width: 84 + side * tasks.length,
    height: 62 + 26 * components.length,
    marginLeft: 82,
    marginTop: 60,
    marginRight: 2,
    marginBottom: 2,
    x: { domain: tasks.map(taskName), axis: null, padding: 0.04 },
    y: { domain: components, label: null, tickSize: 0, padding: 0.08 },
    marks: [
      Plot.axisX({ anchor: 'top', tickSize: 0, label: null, lineWidth: side / 12, fontSize: 11 }),
      Plot.cell(rows, { ...at, fill: 'var(--wash)', ariaHidden: 'true' }),
      Plot.cell(rows, {
        ...at,
        fill: ({ r }: Component) => (r > 0 ? above : below),
        fillOpacity: ({ r }: Component) => 0.6 * Math.abs(r),
        title: (row: Component) =>
          `component ${row.component} and ${taskName(row.task)}: time course ${decimal(row.r)} (p ${probability(row.p_over_all)} over all), map ${decimal(row.map_r)}`,
      }),
      ...[true, false].map((follows) =>
        Plot.text(
          rows.filter(({ p_over_all }) => p_over_all < 0.05 === follows),
          { ...at, text: ({ r }: Component) => decimal(r), fontSize: 12, fontWeight: follows ? 700 : 400 },
        ),
      ),
    ],
    color: { type: 'identity' },
    opacity: { type: 'identity' },
  });
}
