import type { Ceiling } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { decimal } from '../page/words.js';

/** Lower and upper bound of each session, and of their mean as a band. */
export function noiseCeiling(rows: readonly Ceiling[]): Markup {
  const sessions = rows.filter(({ session }) => session > 0);
  const mean = rows.filter(({ session }) => session === 0);
  const name = ({ session }: Ceiling) => `session ${session}`;
  const title = (row: Ceiling) => `${name(row)}: ${decimal(row.lower)} to ${decimal(row.upper)}`;
  const bounds = (row: Ceiling) => `mean over sessions: ${decimal(row.lower)} to ${decimal(row.upper)}`;
  const least = Math.min(0, ...rows.map(({ lower }) => lower));
  return drawPlot(
    `Noise ceiling of the distances between tasks, by session: lower bounds ${rangeWords(sessions, (r) => r.lower, name, decimal)}.`,
    {
      width: 480,
      height: 56 + 24 * sessions.length,
      marginLeft: 92,
      marginRight: 16,
      marginBottom: 38,
      marginTop: 6,
      x: { label: 'correlation →', labelAnchor: 'right', domain: [least, 1], tickSize: 3 },
      y: { domain: sessions.map(name), label: null, tickSize: 0 },
      marks: [
        Plot.rectX(mean, {
          x1: 'lower',
          x2: 'upper',
          fill: 'var(--wash)',
          title: bounds,
        }),
        Plot.ruleX(mean, { x: 'lower', stroke: 'var(--quiet)', strokeDasharray: '3 3', title: bounds }),
        Plot.ruleX(mean, { x: 'upper', stroke: 'var(--quiet)', strokeDasharray: '3 3', title: bounds }),
        Plot.ruleY(sessions, { x1: 'lower', x2: 'upper', y: name, stroke: 'var(--accent)', strokeWidth: 5, title }),
      ],
    },
  );
}
