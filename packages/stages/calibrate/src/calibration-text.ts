import { type CalibrationRate, isWorseThanNominal } from '@galvani/artifact';
import { formatCount } from '@galvani/terminal';

/**
 * A calibration as a page of Markdown tables: for each measure and level a row for each noise model and correction, a
 * column for each noise. Rates are percentages; a `*` marks one whose whole 95% interval is on the wrong side of nominal.
 */
export function calibrationText(rows: readonly CalibrationRate[]): string {
  const groups = groupBy(rows, (row) => `${row.measure}|${row.nominal}`);
  return [...groups.values()].map((own) => measureText(own)).join('\n');
}

function measureText(rows: readonly CalibrationRate[]): string {
  const { measure, nominal } = rows[0];
  const noises = [...new Set(rows.map(({ noise }) => noise))];
  const lines = [...groupBy(rows, ({ model, correction }) => `${model}|${correction}`).values()].map((own) => [
    own[0].model,
    own[0].correction,
    ...noises.map((noise) => cell(own.find((row) => row.noise === noise))),
  ]);
  return `### ${heading(measure, nominal)}\n\n${markdownTable([['model', 'correction', ...noises], ...lines])}`;
}

function heading(measure: string, nominal: number): string {
  const level = `${100 * nominal}%`;
  const name = measure.charAt(0).toUpperCase() + measure.slice(1);
  return measure === 'sensitivity' ? `${name} at ${level}` : `${name}, nominally ${level}`;
}

function cell(row: CalibrationRate | undefined): string {
  if (row === undefined) return '';
  const digits = row.nominal < 0.01 ? 2 : 1;
  return `${(100 * row.estimate).toFixed(digits)}${isWorseThanNominal(row) ? '*' : ''}`;
}

/** How many trials stand behind the rates of each noise model, as a sentence. */
export function calibrationTrials(rows: readonly CalibrationRate[]): string {
  const parts = [...groupBy(rows, ({ model }) => model)].map(([model, own]) => {
    const most = own.reduce((largest, { trials }) => Math.max(largest, trials), 0);
    const studies = own
      .filter(({ measure }) => measure === 'family-wise error')
      .reduce((largest, { trials }) => Math.max(largest, trials), 0);
    return `${model} ${formatCount(studies)} studies (${formatCount(most)} units)`;
  });
  return `Trials behind each rate, at most: ${parts.join('; ')}.`;
}

function markdownTable(lines: readonly (readonly string[])[]): string {
  const widths = lines[0].map((_, c) => Math.max(3, ...lines.map((line) => line[c].length)));
  const text = ([model, correction, ...rates]: readonly string[]) =>
    `| ${[model.padEnd(widths[0]), correction.padEnd(widths[1]), ...rates.map((rate, c) => rate.padStart(widths[c + 2]))].join(' | ')} |`;
  const rule = `| ${widths.map((width, c) => (c < 2 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return `${[text(lines[0]), rule, ...lines.slice(1).map(text)].join('\n')}\n`;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
