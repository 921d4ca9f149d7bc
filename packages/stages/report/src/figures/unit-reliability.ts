import type { UnitIccQuantile } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { decimal, percent } from '../page/words.js';

/** Names of the lines, and how each is drawn. */
const lines = [
  { units: 'all', tasks: 'own', name: 'all units', dash: undefined, stroke: 'currentColor' },
  { units: 'network', tasks: 'own', name: 'members of a network', dash: undefined, stroke: 'var(--task-0)' },
  { units: 'all', tasks: 'exchanged', name: 'tasks exchanged', dash: '4 3', stroke: 'var(--quiet)' },
] as const;

/** Share of units (as height) whose reliability over tasks is at most x. */
export function unitReliability(rows: readonly UnitIccQuantile[]): Markup {
  const drawn = lines.map((line) => ({
    ...line,
    own: rows.filter(({ units, tasks }) => units === line.units && tasks === line.tasks),
  }));
  const least = Math.min(0, ...drawn.flatMap(({ own }) => own.map(({ consistency }) => consistency)));
  const medians = drawn.flatMap(({ own, name }) =>
    own.filter(({ quantile }) => quantile === 0.5).map((row) => ({ name, row })),
  );
  return drawPlot(
    `Share of units whose reliability over tasks is at most so much, and where tasks are exchanged; medians ${rangeWords(
      medians,
      ({ row }) => row.consistency,
      ({ name }) => name,
      decimal,
    )}.`,
    {
      width: 480,
      height: 260,
      marginLeft: 48,
      marginRight: 14,
      marginBottom: 38,
      marginTop: 24,
      x: { domain: [least, 1], label: 'ICC(3,1) of a unit’s effects →', labelAnchor: 'right', tickSize: 3 },
      y: { domain: [0, 1], label: '↑ share of units', tickFormat: percent, ticks: 5, tickSize: 3 },
      marks: [
        Plot.ruleX([0], { stroke: 'var(--rule)' }),
        ...drawn.flatMap(({ own, name, dash, stroke }, i) => [
          Plot.line(own, { x: 'consistency', y: 'quantile', stroke, strokeWidth: 2, strokeDasharray: dash }),
          Plot.dot(own, {
            ...{ x: 'consistency', y: 'quantile', r: 2.5, fill: stroke },
            title: (row: UnitIccQuantile) =>
              `${name}: ${percent(row.quantile)} have at most ${decimal(row.consistency)}`,
          }),
          Plot.text(own.length > 0 ? [name] : [], {
            ...{
              text: (text: string) => text,
              frameAnchor: 'bottom-right',
              fill: stroke,
              dx: -8,
              dy: 16 * (i - lines.length),
            },
          }),
        ]),
      ],
    },
  );
}
