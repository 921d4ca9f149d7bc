import type { SteerRow } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import { taskColour } from '../page/colour.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { decimal, probability, taskName } from '../page/words.js';

/** Shift of one task's topic over strengths: along its network, with the interval, over the range of random directions. */
export function steeringCurve(rows: readonly SteerRow[], task: string, tasks: readonly string[]): Markup {
  const own = rows.filter((row) => row.task === task).sort((a, b) => a.strength - b.strength);
  // Random directions at strength 0 are the untouched model too.
  const band = own.map((row) => ({
    strength: row.strength,
    least: row.directions > 0 ? row.random_least : 0,
    most: row.directions > 0 ? row.random_most : 0,
  }));
  const colour = taskColour(tasks, task);
  const reach = Math.max(
    0.1,
    ...rows.flatMap(({ lower, upper, random_least, random_most }) => {
      const all = [lower, upper, random_least, random_most].filter(Number.isFinite);
      return all.map(Math.abs);
    }),
  );
  const title = (row: SteerRow) =>
    `${taskName(task)}, strength ${row.strength}: ${decimal(row.shift, 3)}, 95% interval ${decimal(row.lower, 3)} to ${decimal(row.upper, 3)}; random directions ${decimal(row.random_shift, 3)}, p ${probability(row.p_over_family)}`;
  return drawPlot(
    `Shift of ${taskName(task)} in what is written: ${rangeWords(
      own,
      (row) => row.shift,
      (row) => `strength ${row.strength}`,
      decimal,
    )}.`,
    {
      width: 300,
      height: 200,
      marginLeft: 46,
      marginRight: 14,
      marginTop: 24,
      marginBottom: 36,
      x: {
        label: 'strength →',
        labelAnchor: 'right',
        ticks: own.map(({ strength }) => strength),
        tickFormat: String,
        tickSize: 3,
      },
      y: { domain: [-reach, reach], label: `↑ ${taskName(task)}`, ticks: 5, tickSize: 3 },
      marks: [
        Plot.areaY(band, {
          x: 'strength',
          y1: 'least',
          y2: 'most',
          fill: 'var(--rest)',
          fillOpacity: 0.35,
          title: () => 'random directions',
        }),
        Plot.ruleY([0], { stroke: 'var(--rule)' }),
        Plot.link(own, { x: 'strength', y1: 'lower', y2: 'upper', stroke: colour, strokeWidth: 1.5, title }),
        Plot.line(own, { x: 'strength', y: 'shift', stroke: colour, strokeWidth: 2 }),
        Plot.dot(own, {
          ...{ x: 'strength', y: 'shift', r: 3.5, fill: colour },
          title,
        }),
      ],
      color: { type: 'identity' },
    },
  );
}
