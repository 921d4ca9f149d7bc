import type { NetworkIntersection } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import { taskColour } from '../page/colour.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { count, decimal, listed, taskName } from '../page/words.js';

/** Sets that are drawn: more do not fit the page. */
export const drawnSets = 24;

const left = 134;
const step = 30;
const barHeight = 130;
const rowHeight = 19;

/** Tasks of a set. */
export const tasksOf = ({ tasks }: Pick<NetworkIntersection, 'tasks'>): string[] => tasks.split(' + ');

/**
 * How many units belong to exactly which networks: a bar for each set of tasks, over dots that say which (UpSet; Lex et al., IEEE TVCG 20
 * (2014)). The full part of a bar is units that respond to all of the set in one direction; a line is what chance gives.
 */
export function networkIntersections(rows: readonly NetworkIntersection[], tasks: readonly string[]): Markup {
  const sets = rows.slice(0, drawnSets).map((row, i) => ({ ...row, x: left + step * (i + 0.5), own: tasksOf(row) }));
  const largest = Math.max(1, ...sets.map((set) => Math.max(set.units, set.expected)));
  const top = 22;
  const foot = top + barHeight;
  // By root, so that small sets are seen beside large ones.
  const heightOf = (units: number) => foot - barHeight * Math.sqrt(units / largest);
  const rowAt = (task: string) => foot + 16 + rowHeight * (tasks.indexOf(task) + 0.5);
  const cells = sets.flatMap((set) => tasks.map((task) => ({ x: set.x, task, set, member: set.own.includes(task) })));
  const bar = { x1: (s: Set) => s.x - 9, x2: (s: Set) => s.x + 9, y1: foot };
  const title = (s: Set) =>
    `${listed(s.own.map(taskName))}${s.own.length === 1 ? ' alone' : ''}: ${count(s.units)} units${s.own.length > 1 ? `, ${count(s.same)} in one direction` : ''}; ${decimal(s.expected, 1)} expected`;
  const dot = { x: 'x', y: (cell: { task: string }) => rowAt(cell.task), r: 5 };
  return drawPlot(
    `Number of units that belong to exactly which networks, for ${count(sets.length)} sets of tasks: ${rangeWords(
      sets,
      (s) => s.units,
      (s) => listed(s.own.map(taskName)),
      count,
    )}.`,
    {
      width: left + step * sets.length + 6,
      height: foot + 24 + rowHeight * tasks.length,
      margin: 0,
      x: { type: 'identity', axis: null },
      y: { type: 'identity', axis: null },
      r: { type: 'identity' },
      marks: [
        Plot.rect(sets, { ...bar, y2: (s: Set) => heightOf(s.units), fill: 'var(--accent)', fillOpacity: 0.35, title }),
        Plot.rect(sets, { ...bar, y2: (s: Set) => heightOf(s.same), fill: 'var(--accent)', title }),
        Plot.link(sets, {
          x1: (s: Set) => s.x - 12,
          x2: (s: Set) => s.x + 12,
          y1: (s: Set) => heightOf(s.expected),
          y2: (s: Set) => heightOf(s.expected),
          title,
          stroke: 'currentColor',
        }),
        Plot.text(sets, {
          x: 'x',
          y: (s: Set) => heightOf(Math.max(s.units, s.expected)) - 8,
          text: (s: Set) => count(s.units),
          fontSize: 10,
        }),
        Plot.dot(
          cells.filter(({ member }) => !member),
          { ...dot, fill: 'var(--rule)', ariaHidden: 'true' },
        ),
        Plot.link(
          sets.filter(({ own }) => own.length > 1),
          {
            ariaHidden: 'true',
            x1: 'x',
            x2: 'x',
            y1: (s: Set) => Math.min(...s.own.map(rowAt)),
            y2: (s: Set) => Math.max(...s.own.map(rowAt)),
            stroke: 'var(--quiet)',
            strokeWidth: 2,
          },
        ),
        Plot.dot(
          cells.filter(({ member }) => member),
          {
            ...dot,
            fill: (cell: { task: string }) => taskColour(tasks, cell.task),
            title: ({ set }: { set: Set }) => title(set),
          },
        ),
        Plot.text(tasks, { x: left - 10, y: rowAt, text: taskName, textAnchor: 'end', fontSize: 11 }),
      ],
    },
  );
}

type Set = NetworkIntersection & { x: number; own: string[] };
