import type { NetworkRepeatability } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import { taskColour } from '../page/colour.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { decimal, mean, taskName } from '../page/words.js';

/** Dice coefficient of the networks of each pair of sessions, a row per task, with its mean and what chance gives. */
export function sessionRepeatability(rows: readonly NetworkRepeatability[], tasks: readonly string[]): Markup {
  const known = rows.filter((row) => Number.isFinite(row.dice));
  const means = tasks
    .map((task) => {
      const own = known.filter((row) => row.task === task);
      return { task, dice: mean(own.map((row) => row.dice)), expected: mean(own.map((row) => row.expected_dice)) };
    })
    .filter(({ dice }) => Number.isFinite(dice));
  return drawPlot(
    `Overlap (Dice coefficient) of the networks of each pair of sessions, for each task: means ${rangeWords(
      means,
      (m) => m.dice,
      (m) => taskName(m.task),
      decimal,
    )}.`,
    {
      width: 480,
      height: 52 + tasks.length * 30,
      marginLeft: 132,
      marginRight: 12,
      marginBottom: 38,
      marginTop: 6,
      x: { domain: [0, 1], label: 'Dice coefficient of two sessions →', labelAnchor: 'right', tickSize: 3 },
      y: { domain: tasks.map(taskName), label: null, tickSize: 0 },
      marks: [
        Plot.ruleY(tasks.map(taskName), { stroke: 'var(--rule)' }),
        Plot.tickX(means, {
          x: 'expected',
          y: (m: { task: string }) => taskName(m.task),
          stroke: 'var(--quiet)',
          strokeWidth: 2,
          insetTop: 7,
          insetBottom: 7,
          title: (m: { expected: number }) => `independent networks of these sizes: ${decimal(m.expected)}`,
        }),
        Plot.dot(known, {
          x: 'dice',
          y: (r: NetworkRepeatability) => taskName(r.task),
          r: 4,
          fill: (r: NetworkRepeatability) => taskColour(tasks, r.task),
          fillOpacity: 0.55,
          title: (r: NetworkRepeatability) =>
            `${taskName(r.task)}, sessions ${r.session_a} and ${r.session_b}: Dice ${decimal(r.dice)}, maps correlate at ${decimal(r.correlation)}`,
        }),
        Plot.tickX(means, {
          x: 'dice',
          y: (m: { task: string }) => taskName(m.task),
          stroke: (m: { task: string }) => taskColour(tasks, m.task),
          strokeWidth: 2.5,
          insetTop: 4,
          insetBottom: 4,
          title: (m: { dice: number }) => `mean ${decimal(m.dice)}`,
        }),
      ],
      color: { type: 'identity' },
    },
  );
}
