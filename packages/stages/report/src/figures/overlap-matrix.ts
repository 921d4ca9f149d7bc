import type { NetworkOverlap } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import type { Markup } from '../page/html.js';
import { count, decimal, taskName } from '../page/words.js';
import { taskMatrix } from './task-matrix.js';

/** Dice coefficient of units of the same sign of each pair of tasks, with the one expected by site and sign beneath. */
export function overlapMatrix(rows: readonly NetworkOverlap[], tasks: readonly string[]): Markup {
  const pairs = rows.filter((row) => row.task_a !== row.task_b);
  const largest = Math.max(0, ...pairs.map((row) => row.dice).filter(Number.isFinite));
  const at = { x: (r: NetworkOverlap) => taskName(r.task_b), y: (r: NetworkOverlap) => taskName(r.task_a) };
  return taskMatrix(
    `Matrix of the overlap (Dice coefficient of units of the same sign) of the networks of each pair of tasks: ${rangeWords(
      pairs,
      (r) => r.dice,
      (r) => `${taskName(r.task_a)} and ${taskName(r.task_b)}`,
      decimal,
    )}.`,
    tasks,
    rows,
    at,
    {
      rowHeight: 0.72,
      marks: [
        Plot.cell(pairs, {
          ...at,
          fill: 'var(--accent)',
          fillOpacity: (r: NetworkOverlap) => (Number.isFinite(r.dice) && largest > 0 ? (0.7 * r.dice) / largest : 0),
          title: (r: NetworkOverlap) =>
            `${taskName(r.task_a)} (${count(r.members_a)}) and ${taskName(r.task_b)} (${count(r.members_b)}): ${count(r.same)} units in both with the same sign, ${count(r.opposed)} with opposite signs`,
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
    },
  );
}
