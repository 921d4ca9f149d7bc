import type { CalibrationRate } from '@galvani/artifact';
import * as Plot from '@observablehq/plot';
import { rangeWords } from '../page/alt-text.js';
import type { Markup } from '../page/html.js';
import { drawPlot } from '../page/plot.js';
import { decimal, percent } from '../page/words.js';

/** From where to where rates are drawn: from 0, but coverage close up. */
export function rateDomain(rows: readonly CalibrationRate[]): [number, number] {
  const known = rows.flatMap((r) => [r.nominal, r.lower, r.upper]).filter(Number.isFinite);
  const largest = Math.min(1, Math.max(...known, 0.01) * 1.05);
  return rows.every((r) => r.measure === 'coverage') ? [Math.max(0, Math.min(...known) - 0.02), 1] : [0, largest];
}

/** Measured rates with intervals, a row for each noise, beside the nominal rate (which sensitivity has none of). */
export function calibrationRates(
  label: string,
  rows: readonly CalibrationRate[],
  domain: readonly [number, number],
): Markup {
  const noises = [...new Set(rows.map((r) => r.noise))];
  const left = 18 + 6.4 * Math.max(...noises.map((noise) => noise.length));
  return drawPlot(
    `${label}: ${rangeWords(
      rows,
      (r) => r.estimate,
      (r) => r.noise,
      percent,
    )}.`,
    {
      width: 400,
      height: 40 + noises.length * 20,
      marginLeft: Math.min(200, left),
      marginRight: 14,
      marginTop: 4,
      marginBottom: 32,
      x: {
        domain,
        label: null,
        ticks: 5,
        tickFormat: (x: number) => `${decimal(100 * x, domain[1] - domain[0] < 0.05 ? 1 : 0)}%`,
        tickSize: 3,
      },
      y: { domain: noises, label: null, tickSize: 0 },
      marks: [
        Plot.ruleX(
          [...new Set(rows.flatMap((r) => (r.measure === 'sensitivity' ? [] : r.nominal)))].filter(Number.isFinite),
          { stroke: 'var(--quiet)', title: (nominal: number) => `nominal ${percent(nominal)}` },
        ),
        Plot.ruleY(rows, {
          y: 'noise',
          x1: 'lower',
          x2: 'upper',
          stroke: 'currentColor',
          strokeWidth: 2,
          ariaHidden: 'true',
        }),
        Plot.dot(rows, {
          y: 'noise',
          x: 'estimate',
          r: 3.5,
          fill: 'currentColor',
          title: (r: CalibrationRate) =>
            `${r.noise}: ${percent(r.estimate)} (${percent(r.lower)} to ${percent(r.upper)}) in ${r.trials} trials; nominal ${percent(r.nominal)}`,
        }),
      ],
    },
  );
}
