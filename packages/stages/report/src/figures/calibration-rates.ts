import * as Plot from '@observablehq/plot';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { decimal, percent } from '../page/words.js';

/** One measured error rate: what the noise was, which model and correction were applied, and what they did. */
export interface CalibrationRate {
  noise: string;
  model: string;
  correction: string;
  measure: string;
  nominal: number;
  estimate: number;
  lower: number;
  upper: number;
  trials: number;
}

/** Measured rates with intervals, a row for each noise, beside the nominal rate. */
export function calibrationRates(label: string, rows: readonly CalibrationRate[]): Markup {
  const noises = [...new Set(rows.map((r) => r.noise))];
  const right = Math.min(1, Math.max(...rows.flatMap((r) => [r.nominal, r.upper]).filter(Number.isFinite)) * 1.1);
  const left = 18 + 6.4 * Math.max(...noises.map((noise) => noise.length));
  return drawPlot(label, {
    width: 400,
    height: 40 + noises.length * 20,
    marginLeft: Math.min(200, left),
    marginRight: 14,
    marginTop: 4,
    marginBottom: 32,
    x: {
      domain: [0, right],
      label: null,
      ticks: 5,
      tickFormat: (x: number) => `${decimal(100 * x, right < 0.05 ? 1 : 0)}%`,
      tickSize: 3,
    },
    y: { domain: noises, label: null, tickSize: 0 },
    marks: [
      Plot.ruleX([...new Set(rows.map((r) => r.nominal))].filter(Number.isFinite), { stroke: 'var(--quiet)' }),
      Plot.ruleY(rows, { y: 'noise', x1: 'lower', x2: 'upper', stroke: 'currentColor', strokeWidth: 2 }),
      Plot.dot(rows, {
        y: 'noise',
        x: 'estimate',
        r: 3.5,
        fill: 'currentColor',
        title: (r: CalibrationRate) =>
          `${r.noise}: ${percent(r.estimate)} (${percent(r.lower)} to ${percent(r.upper)}) in ${r.trials} trials; nominal ${percent(r.nominal)}`,
      }),
    ],
  });
}
