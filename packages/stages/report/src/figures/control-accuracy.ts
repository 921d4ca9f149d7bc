import type { Control } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { accuracyAxis } from '../page/accuracy-axis.js';
import { rangeWords } from '../page/alt-text.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { percent } from '../page/words.js';

/** A row of the figure. */
export interface ControlDot extends Pick<Control, 'decoder' | 'accuracy' | 'lower' | 'upper'> {
  name: string;
  /** Galvani's networks, whose accuracy is a line through all rows. */
  own: boolean;
}

/** Accuracy of each control with its 95% interval, beside that of networks and chance, on one kind of folds. */
export function controlAccuracy(label: string, rows: readonly ControlDot[], chance: number): Markup {
  const own = rows.filter((row) => row.own);
  const title = (row: ControlDot) =>
    `${row.name}, ${row.decoder}: ${percent(row.accuracy)} (${percent(row.lower)} to ${percent(row.upper)})`;
  return drawPlot(
    `${label} (${percent(chance)}): ${rangeWords(
      rows,
      (row) => row.accuracy,
      (row) => row.name,
      percent,
    )}.`,
    {
      width: 480,
      height: 52 + rows.length * 19,
      marginLeft: 158,
      marginRight: 16,
      marginTop: 6,
      marginBottom: 38,
      x: accuracyAxis,
      y: { domain: rows.map(({ name }) => name), label: null, tickSize: 0 },
      marks: [
        Plot.ruleY(rows, { y: 'name', stroke: 'var(--rule)' }),
        Plot.ruleX([chance], {
          stroke: 'var(--quiet)',
          strokeDasharray: '3,3',
          title: () => `chance ${percent(chance)}`,
        }),
        Plot.ruleX(own, { x: 'accuracy', stroke: 'var(--accent)', strokeWidth: 1.5, title }),
        Plot.ruleY(rows, { y: 'name', x1: 'lower', x2: 'upper', stroke: 'currentColor', strokeWidth: 2, title }),
        Plot.dot(rows, {
          ...{ y: 'name', x: 'accuracy', r: 4, stroke: 'currentColor' },
          fill: (row: ControlDot) => (row.own ? 'var(--accent)' : 'currentColor'),
          title,
        }),
      ],
    },
  );
}
