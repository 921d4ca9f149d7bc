import type { LesionRow } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import { above, below } from '../page/colour.js';
import type { Markup } from '../page/html.js';
import { decimal, probability, taskName } from '../page/words.js';
import { taskMatrix } from './task-matrix.js';

/** Change of loss of each topic (rows) without each network (columns), with that without control units beneath. */
export function lesionMatrix(
  rows: readonly LesionRow[],
  tasks: readonly string[],
  further: readonly string[] = ['rest'],
): Markup {
  const largest = Math.max(0, ...rows.map(({ change }) => Math.abs(change)));
  const at = { x: (r: LesionRow) => taskName(r.network), y: (r: LesionRow) => taskName(r.topic) };
  return taskMatrix(
    `Matrix of the change of loss, in nats a token, on texts of each topic (rows) without the network of each task (columns): ${rangeWords(
      rows,
      (r) => r.change,
      (r) => `${taskName(r.topic)} without ${taskName(r.network)}`,
      (x) => decimal(x, 3),
    )}.`,
    // A person's own texts may be of other topics.
    [...new Set([...tasks, ...further, ...rows.map(({ topic }) => topic)])],
    rows,
    at,
    {
      rowHeight: 0.6,
      options: { x: { domain: tasks.map(taskName), axis: null, padding: 0.04 } },
      marks: [
        Plot.cell(rows as LesionRow[], {
          ...at,
          fill: (r: LesionRow) => (r.change < 0 ? below : above),
          fillOpacity: (r: LesionRow) => (largest > 0 ? (0.7 * Math.abs(r.change)) / largest : 0),
          title: (r: LesionRow) =>
            `${taskName(r.topic)} without the network of ${taskName(r.network)}: ${decimal(r.change, 3)} nats a token, 95% interval ${decimal(r.lower, 3)} to ${decimal(r.upper, 3)}; without control units ${decimal(r.control_change, 3)}, p ${probability(r.p_over_matrix)} over the matrix`,
        }),
        ...[400, 700].map((fontWeight) =>
          Plot.text(
            rows.filter((r) => r.p_over_matrix < 0.05 === (fontWeight === 700)),
            { ...at, text: (r: LesionRow) => decimal(r.change, 3), dy: -6, fontSize: 13, fontWeight },
          ),
        ),
        Plot.text(rows as LesionRow[], {
          ...at,
          text: (r: LesionRow) => `(${decimal(r.control_change, 3)})`,
          dy: 9,
          fontSize: 10.5,
          fillOpacity: 0.75,
        }),
      ],
    },
  );
}
