import type { NetworkOverlap } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { count, decimal, taskName } from '../page/words.js';

/** Dice coefficient of each pair of tasks, with the one expected of independent networks beneath. */
export function overlapMatrix(rows: readonly NetworkOverlap[], tasks: readonly string[]): Markup {
  const pairs = rows.filter((row) => row.task_a !== row.task_b);
  const largest = Math.max(0, ...pairs.map((row) => row.dice).filter(Number.isFinite));
  const domain = tasks.map(taskName);
  const at = { x: (r: NetworkOverlap) => taskName(r.task_b), y: (r: NetworkOverlap) => taskName(r.task_a) };
  const side = Math.max(50, Math.min(84, 520 / tasks.length));
  return drawPlot('Matrix of the overlap (Dice coefficient) of the networks of each pair of tasks', {
    width: 134 + side * tasks.length,
    height: 62 + side * 0.72 * tasks.length,
    marginLeft: 132,
    marginTop: 60,
    marginRight: 2,
    marginBottom: 2,
    x: { domain, axis: null, padding: 0.04 },
    y: { domain, label: null, tickSize: 0, padding: 0.05 },
    marks: [
      Plot.axisX({ anchor: 'top', tickSize: 0, label: null, lineWidth: side / 12, fontSize: 11 }),
      Plot.cell(rows, { ...at, fill: 'var(--wash)' }),
      Plot.cell(pairs, {
        ...at,
        fill: 'var(--accent)',
        fillOpacity: (r: NetworkOverlap) => (Number.isFinite(r.dice) && largest > 0 ? (0.7 * r.dice) / largest : 0),
        title: (r: NetworkOverlap) =>
          `${taskName(r.task_a)} (${count(r.members_a)}) and ${taskName(r.task_b)} (${count(r.members_b)}): ${count(r.both)} units in both, ${count(r.opposed)} with opposite sign; ${decimal(r.expected_both, 1)} expected`,
      }),
      Plot.text(pairs, { ...at, text: (r: NetworkOverlap) => decimal(r.dice), dy: -6, fontSize: 14 }),
      Plot.text(pairs, {
        ...at,
        text: (r: NetworkOverlap) => `(${decimal(r.expected_dice)})`,
        dy: 10,
        fontSize: 11,
        fillOpacity: 0.75,
      }),
      Plot.text(
        rows.filter((row) => row.task_a === row.task_b),
        { ...at, text: (r: NetworkOverlap) => `${count(r.members_a)}\nunits`, fontSize: 11, fillOpacity: 0.75 },
      ),
    ],
    opacity: { type: 'identity' },
  });
}
