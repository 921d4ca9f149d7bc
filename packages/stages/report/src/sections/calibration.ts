import { type CalibrationRate, isWorseThanNominal } from '@galvani/artifact';
import { calibrationRates, rateDomain } from '../figures/calibration-rates.js';
import { figure, panel } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { count, listed, percent } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** How often each model and correction is wrong, measured; nothing where no calibration was run. */
export function calibrationSection({ calibration }: StudyResults): Markup | undefined {
  const rows = calibration ?? [];
  if (rows.length === 0) return undefined;
  const measures = [...new Set(rows.map(measureOf))];
  const bounded = rows.filter((row) => row.measure !== 'sensitivity');
  const off = bounded.filter(isWorseThanNominal);
  return section(
    'calibration',
    'Calibration',
    figure({
      id: 'calibration-rates',
      title: 'Measured error rates beside the nominal ones',
      drawing: measures.flatMap((measure) => panels(rows.filter((row) => measureOf(row) === measure))),
      shows: html`Each dot is a rate measured in simulated or relabelled data, with a 95% interval; the line is the nominal rate. A row is a kind of noise. Error rates should not lie right of the line, coverage not left of it; for sensitivity, more is better. ${off.length === 0 ? `None of ${count(bounded.length)} rates is surely worse than nominal.` : `${count(off.length)} of ${count(bounded.length)} rates are worse than nominal with their whole interval: ${worst(off)}.`}`,
      imaging:
        'The check that every new inference method in imaging should come with: false positives on data where any finding is false.',
      interpretability: 'How far to trust “this unit responds to the topic” under each way of testing.',
    }),
    table(
      'The same numbers.',
      [
        { heading: 'noise', cell: (row) => row.noise, text: true },
        { heading: 'model', cell: (row) => row.model, text: true },
        { heading: 'correction', cell: (row) => row.correction, text: true },
        { heading: 'measure', cell: (row) => row.measure, text: true },
        { heading: 'nominal', cell: (row) => percent(row.nominal) },
        { heading: 'measured', cell: (row) => percent(row.estimate) },
        { heading: '95% interval', cell: (row) => `${percent(row.lower)} to ${percent(row.upper)}` },
        { heading: 'trials', cell: (row) => count(row.trials) },
      ],
      rows,
    ),
  );
}

/** Panels of one measure, one for each model and correction, on one scale so that they can be compared. */
function panels(rows: readonly CalibrationRate[]): Markup[] {
  const domain = rateDomain(rows);
  return [...new Set(rows.map(nameOf))].map((name) =>
    panel(
      name,
      calibrationRates(
        `Measured rates: ${name}`,
        rows.filter((row) => nameOf(row) === name),
        domain,
      ),
    ),
  );
}

/** The models and noises in which rates are worse than nominal: by model, with its noises. */
function worst(rows: readonly CalibrationRate[]): string {
  const models = [...new Set(rows.map((row) => row.model))];
  return models
    .map((model) => {
      const noises = rows.filter((row) => row.model === model).map((row) => row.noise);
      return `${model} under ${listed([...new Set(noises)])}`;
    })
    .join('; ');
}

/** What was measured, and at which nominal rate. */
const measureOf = (row: CalibrationRate) => `${row.measure} at ${percent(row.nominal)}`;

const nameOf = (row: CalibrationRate) => `${row.model}, ${row.correction}: ${measureOf(row)}`;
