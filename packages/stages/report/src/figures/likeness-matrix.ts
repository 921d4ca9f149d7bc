import * as Plot from '@observablehq/plot';
import type { Likeness } from '../findings/session-likeness.js';
import { above, below } from '../page/colour.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { decimal, taskName } from '../page/words.js';

/** Mean correlation of the t maps of different sessions, for each pair of tasks; the diagonal is a task with itself. */
export function likenessMatrix(likeness: readonly Likeness[], tasks: readonly string[]): Markup {
  const domain = tasks.map(taskName);
  const known = likeness.filter((pair) => Number.isFinite(pair.correlation));
  const largest = Math.max(0.01, ...known.map((pair) => Math.abs(pair.correlation)));
  const at = { x: (p: Likeness) => taskName(p.other), y: (p: Likeness) => taskName(p.task) };
  const side = Math.max(50, Math.min(84, 520 / tasks.length));
  return drawPlot('Matrix of the mean correlation between t maps of different sessions, for each pair of tasks', {
    width: 134 + side * tasks.length,
    height: 62 + side * 0.6 * tasks.length,
    marginLeft: 132,
    marginTop: 60,
    marginRight: 2,
    marginBottom: 2,
    x: { domain, axis: null, padding: 0.04 },
    y: { domain, label: null, tickSize: 0, padding: 0.05 },
    marks: [
      Plot.axisX({ anchor: 'top', tickSize: 0, label: null, lineWidth: side / 12, fontSize: 11 }),
      Plot.cell(likeness, { ...at, fill: 'var(--wash)' }),
      Plot.cell(known, {
        ...at,
        fill: (p: Likeness) => (p.correlation > 0 ? above : below),
        fillOpacity: (p: Likeness) => (0.6 * Math.abs(p.correlation)) / largest,
        title: (p: Likeness) =>
          `${taskName(p.task)} and ${taskName(p.other)}: correlation ${decimal(p.correlation)}, Dice of the strongest units ${decimal(p.dice)} (${decimal(p.expectedDice)} if independent)`,
      }),
      ...[true, false].map((same) =>
        Plot.text(
          likeness.filter((p) => (p.task === p.other) === same),
          { ...at, text: (p: Likeness) => decimal(p.correlation), fontSize: 13, fontWeight: same ? 700 : 400 },
        ),
      ),
    ],
    color: { type: 'identity' },
    opacity: { type: 'identity' },
  });
}
