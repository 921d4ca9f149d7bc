import { type CalibrationRate, calibrationRates } from '../figures/calibration-rates.js';
import { figure, panel } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { count, listed, percent } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** How often each model and correction is wrong, measured; nothing where no calibration was run. */
export function calibrationSection({ glm }: StudyResults): Markup | undefined {
  const rows = (glm?.calibration ?? []) as unknown as CalibrationRate[];
  if (rows.length === 0) return undefined;
  const names = [...new Set(rows.map(nameOf))];
  const bounded = rows.filter((row) => row.measure !== 'sensitivity');
  const off = bounded.filter(broken);
  return section(
    'calibration',
    'Calibration',
    figure({
      id: 'calibration-rates',
      title: 'Measured error rates beside the nominal ones',
      drawing: names.map((name) =>
        panel(
          name,
          calibrationRates(
            `Measured rates: ${name}`,
            rows.filter((row) => nameOf(row) === name),
          ),
        ),
      ),
      shows: html`Each dot is a rate measured in simulated or relabelled data, with a 95% interval; the line is the nominal rate. A row is a kind of noise. Error rates should not lie right of the line, coverage not left of it; for sensitivity, more is better. ${off.length === 0 ? `None of ${count(bounded.length)} rates is surely worse than nominal.` : `${count(off.length)} of ${count(bounded.length)} rates are worse than nominal with their whole interval: ${listed([...new Set(off.map((row) => `${row.model} under ${row.noise}`))].slice(0, 8))}.`}`,
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

/** Whether a rate is worse than nominal beyond its interval: too many errors, or too little coverage. */
const broken = (row: CalibrationRate) =>
  row.measure === 'coverage' ? row.upper < row.nominal : row.lower > row.nominal;

const nameOf = (row: CalibrationRate) => `${row.model}, ${row.correction}: ${row.measure}`;
