import type { Power } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import { taskColour } from '../page/colour.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { percent, taskName } from '../page/words.js';

/** What was varied, with the column that has it and the words of its axis. */
const axes = {
  prompts: { column: 'prompts_per_block', label: 'prompts of a block →' },
  sessions: { column: 'sessions', label: 'sessions →' },
  tokens: { column: 'tokens', label: 'first tokens of a prompt →' },
} as const;

/** Times as many prompts as were recorded that are drawn. */
const drawnTimes = 4;

/** Share of each task's network that fewer prompts, sessions or tokens find; of prompts also, dashed, what is expected of more. */
export function powerCurve(rows: readonly Power[], varied: keyof typeof axes, tasks: readonly string[]): Markup {
  const { column, label } = axes[varied];
  const found = rows.filter((row) => row.varied === varied && row.task !== '' && Number.isFinite(row.found));
  const recorded = Math.max(...found.map((row) => row[column]));
  const expected =
    varied === 'prompts'
      ? rows.filter(
          (row) =>
            row.varied === 'expected' &&
            row.task !== '' &&
            Number.isFinite(row.power) &&
            row.prompts_per_block <= drawnTimes * recorded,
        )
      : [];
  const values = [...new Set([...found, ...expected].map((row) => row[column]))];
  const stroke = (row: Power) => taskColour(tasks, row.task);
  return drawPlot(
    `Share of networks found, by ${label.replace(' →', '')}: ${rangeWords(
      found,
      (row) => row.found,
      (row) => `${taskName(row.task)}, ${row[column]}`,
      percent,
    )}.`,
    {
      width: 400,
      height: 250,
      marginLeft: 46,
      marginRight: 16,
      marginTop: 22,
      marginBottom: 38,
      x: {
        type: 'log',
        base: 2,
        domain: [Math.min(...values), Math.max(...values, Math.min(...values) + 1)],
        label,
        labelAnchor: 'right',
        ticks: ticksOf(values),
        tickFormat: String,
        tickSize: 3,
      },
      y: { domain: [0, 1], label: '↑ share found', tickFormat: percent, ticks: 5, tickSize: 3 },
      marks: [
        Plot.ruleY([0, 0.8, 1], { stroke: 'var(--rule)' }),
        Plot.line(expected, { x: column, y: 'power', z: 'task', stroke, strokeWidth: 1.5, strokeDasharray: '5 3' }),
        Plot.dot(expected, {
          ...{ x: column, y: 'power', r: 2, fill: stroke },
          title: (row: Power) =>
            `${taskName(row.task)}, ${row[column]} ${label.replace(' →', '')}: ${percent(row.power)} expected`,
        }),
        Plot.line(found, { x: column, y: 'found', z: 'task', stroke, strokeWidth: 2 }),
        Plot.dot(found, {
          ...{ x: column, y: 'found', r: 3.5, fill: stroke },
          title: (row: Power) =>
            `${taskName(row.task)}, ${row[column]} ${label.replace(' →', '')}: ${percent(row.found)}`,
        }),
      ],
      color: { type: 'identity' },
    },
  );
}

/** Those that stand apart on a scale of ratios. */
function ticksOf(values: readonly number[]): number[] {
  const kept: number[] = [];
  for (const value of [...values].sort((a, b) => a - b))
    if (kept.length === 0 || value >= 1.3 * kept[kept.length - 1]) kept.push(value);
  return kept;
}
