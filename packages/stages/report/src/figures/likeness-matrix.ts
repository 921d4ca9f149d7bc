import type { NetworkLikeness } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import { above, below } from '../page/colour.js';
import type { Markup } from '../page/html.js';
import { decimal, taskName } from '../page/words.js';
import { taskMatrix } from './task-matrix.js';

/** Mean correlation of the z maps of different sessions, for each pair of tasks; the diagonal is a task with itself. */
export function likenessMatrix(likeness: readonly NetworkLikeness[], tasks: readonly string[]): Markup {
  const known = likeness.filter((pair) => Number.isFinite(pair.correlation));
  const largest = Math.max(0.01, ...known.map((pair) => Math.abs(pair.correlation)));
  const at = { x: (p: NetworkLikeness) => taskName(p.other_task), y: (p: NetworkLikeness) => taskName(p.task) };
  const label = `Matrix of the mean correlation between z maps of different sessions, for each pair of tasks: ${rangeWords(
    known,
    (p) => p.correlation,
    (p) => `${taskName(p.task)} and ${taskName(p.other_task)}`,
    decimal,
  )}.`;
  return taskMatrix(label, tasks, likeness, at, {
    rowHeight: 0.6,
    options: { color: { type: 'identity' } },
    marks: [
      Plot.cell(known, {
        ...at,
        fill: (p: NetworkLikeness) => (p.correlation > 0 ? above : below),
        fillOpacity: (p: NetworkLikeness) => (0.6 * Math.abs(p.correlation)) / largest,
        title: (p: NetworkLikeness) =>
          `${taskName(p.task)} and ${taskName(p.other_task)}: correlation ${decimal(p.correlation)}, Dice of the strongest units ${decimal(p.dice)} (${decimal(p.expected_dice)} if independent)`,
      }),
      ...[true, false].map((same) =>
        Plot.text(
          likeness.filter((p) => (p.task === p.other_task) === same),
          { ...at, text: (p: NetworkLikeness) => decimal(p.correlation), fontSize: 13, fontWeight: same ? 700 : 400 },
        ),
      ),
    ],
  });
}
