import type { Accuracy } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { accuracyAxis } from '../page/accuracy-axis.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { percent } from '../page/words.js';

/** Accuracy of identification with its 95% interval, beside that of permuted labels. */
export function identificationAccuracy(rows: readonly Accuracy[]): Markup {
  const y = (r: Accuracy) => `${r.level}s`;
  const title = (r: Accuracy) => `${percent(r.accuracy)} (${percent(r.lower)} to ${percent(r.upper)})`;
  return drawPlot(
    `Accuracy of identification with 95% intervals and chance: ${rows.map((r) => `${y(r)} ${percent(r.accuracy)} (${percent(r.lower)} to ${percent(r.upper)}; chance ${percent(r.chance)})`).join(', ')}.`,
    {
      width: 460,
      height: 44 + rows.length * 34,
      marginLeft: 70,
      marginRight: 16,
      marginTop: 6,
      marginBottom: 38,
      x: accuracyAxis,
      y: { domain: rows.map(y), label: null, tickSize: 0 },
      marks: [
        Plot.ruleY(rows, { y, stroke: 'var(--rule)' }),
        Plot.tickX(rows, {
          y,
          x: 'chance',
          stroke: 'var(--quiet)',
          strokeWidth: 2,
          insetTop: 6,
          insetBottom: 6,
          title: (r: Accuracy) => `chance ${percent(r.chance)}`,
        }),
        Plot.ruleY(rows, { y, x1: 'lower', x2: 'upper', stroke: 'currentColor', strokeWidth: 2.5, title }),
        Plot.dot(rows, {
          y,
          x: 'accuracy',
          r: 5,
          fill: 'currentColor',
          title,
        }),
        Plot.text(rows, { y, x: 'accuracy', text: (r: Accuracy) => percent(r.accuracy), dy: -12 }),
      ],
    },
  );
}
