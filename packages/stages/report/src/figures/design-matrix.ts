import type { DesignEntry } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { above, below } from '../page/colour.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { count, counted, decimal, taskName } from '../page/words.js';

/** A prompt of a run, in the order of the design's rows. */
export interface DesignRow {
  run: string;
  prompt: number;
}

/** A stretch of prompts of one run at which a column has one value. */
export interface DesignStretch {
  column: string;
  run: string;
  value: number;
  /** Rows of the design: from `first` up to, not including, `end`. */
  first: number;
  end: number;
}

/** Entries of a column whose rows follow each other in one run and whose values are equal, taken together. */
export function designStretches(entries: readonly DesignEntry[], rows: readonly DesignRow[]): DesignStretch[] {
  const place = new Map(rows.map(({ run, prompt }, row) => [`${run} ${prompt}`, row]));
  const stretches: DesignStretch[] = [];
  for (const { column, run, prompt, value } of entries) {
    const row = place.get(`${run} ${prompt}`);
    if (row === undefined) continue;
    const last = stretches.at(-1);
    if (last?.column === column && last.run === run && last.end === row && last.value === value) last.end++;
    else stretches.push({ column, run, value, first: row, end: row + 1 });
  }
  return stretches;
}

/** Columns whose names there is room for. */
const mostNamed = 40;

/** Rows are prompts from top to bottom, columns regressors; each column is coloured by its share of its largest size. */
export function designMatrix(entries: readonly DesignEntry[], rows: readonly DesignRow[]): Markup {
  const stretches = designStretches(entries, rows);
  const columns = [...new Set(entries.map(({ column }) => column))];
  const largest = new Map(columns.map((column) => [column, 0]));
  for (const { column, value } of entries) largest.set(column, Math.max(largest.get(column)!, Math.abs(value)));
  const runs = [...new Set(rows.map(({ run }) => run))];
  const starts = runs.map((run) => rows.findIndex((row) => row.run === run));
  const named = columns.length <= mostNamed;
  const side = Math.max(3, Math.min(56, 620 / columns.length));
  const label = `Design matrix of ${taskName(entries[0].task)}: ${counted(rows.length, 'row')}, one for each prompt of ${counted(runs.length, 'run')}, and ${counted(columns.length, 'column')}, of which that of the task differs from 0 in ${count(entries.filter(({ column }) => column === columns[0]).length)} rows.`;
  return drawPlot(label, {
    width: 96 + side * columns.length + 60,
    height: (named ? 118 : 20) + Math.max(160, Math.min(420, 3.5 * rows.length)),
    marginLeft: 92,
    marginRight: 60,
    marginTop: named ? 112 : 12,
    marginBottom: 4,
    x: { domain: columns, axis: null, padding: 0 },
    y: {
      domain: [0, rows.length],
      reverse: true,
      label: null,
      tickSize: 0,
      ticks: starts,
      tickFormat: (row: number) => runs[starts.indexOf(row)].replace(/_task-.*/, ''),
    },
    marks: [
      named
        ? Plot.axisX({
            anchor: 'top',
            tickSize: 0,
            label: null,
            tickRotate: -40,
            fontSize: 11,
            tickFormat: (column: string) => column.replace(/_task-\S*/, ''),
          })
        : null,
      Plot.barY(stretches, {
        x: 'column',
        y1: 'first',
        y2: 'end',
        insetLeft: named ? 1 : 0,
        insetRight: named ? 1 : 0,
        fill: ({ value }: DesignStretch) => (value > 0 ? above : below),
        fillOpacity: ({ column, value }: DesignStretch) => Math.abs(value) / largest.get(column)!,
        title: ({ column, run, value, first, end }: DesignStretch) => {
          const { prompt } = rows[first];
          const which = end - first === 1 ? `prompt ${prompt + 1}` : `prompts ${prompt + 1} to ${prompt + end - first}`;
          return `${column}: ${decimal(value, Number.isInteger(value) ? 0 : 3)} in ${which} of ${run}`;
        },
      }),
      Plot.ruleY(starts.slice(1), { stroke: 'var(--quiet)', strokeWidth: 0.5, ariaHidden: 'true' }),
      Plot.frame({ stroke: 'var(--rule)', ariaHidden: 'true' }),
    ],
    color: { type: 'identity' },
    opacity: { type: 'identity' },
  });
}
