import type { Distance } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import type { Markup } from '../page/html.js';
import { decimal, probability, taskName } from '../page/words.js';
import { taskMatrix } from './task-matrix.js';

/** Distance of each pair of tasks, and where there is rest of each task from it, the last row and column; p over pairs of .05 and more in brackets. */
export function distanceMatrix(rows: readonly Distance[], tasks: readonly string[]): Markup {
  const largest = Math.max(0, ...rows.map(({ distance }) => distance));
  const rest = rows.some(({ task_b }) => task_b === 'rest') ? ['rest'] : [];
  const both = rows.flatMap((row) => [row, { ...row, task_a: row.task_b, task_b: row.task_a }]);
  const at = { x: (r: Distance) => taskName(r.task_b), y: (r: Distance) => taskName(r.task_a) };
  const written = ({ distance, p_over_pairs }: Distance) =>
    p_over_pairs < 0.05 ? decimal(distance) : `(${decimal(distance)})`;
  return taskMatrix(
    `Matrix of the cross-validated distance between the patterns of each pair of tasks${rest.length > 0 ? ', and from rest' : ''}: ${rangeWords(
      rows,
      (r) => r.distance,
      (r) => `${taskName(r.task_a)} and ${taskName(r.task_b)}`,
      decimal,
    )}.`,
    [...tasks, ...rest],
    both,
    at,
    {
      rowHeight: 0.6,
      marks: [
        Plot.cell(both, {
          ...at,
          fill: 'var(--accent)',
          fillOpacity: (r: Distance) => (largest > 0 ? (0.7 * Math.max(0, r.distance)) / largest : 0),
          title: (r: Distance) =>
            `${taskName(r.task_a)} and ${taskName(r.task_b)}: ${decimal(r.distance, 3)}, 95% interval ${decimal(r.lower, 3)} to ${decimal(r.upper, 3)}, p ${probability(r.p_over_pairs)} over pairs`,
        }),
        Plot.text(both, { ...at, text: written, fontSize: 13 }),
      ],
    },
  );
}
