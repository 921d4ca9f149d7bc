import { type CalibrationRate, isWorseThanNominal } from '@galvani/artifact';
import { promptNoises } from '@galvani/statistics';
import { formatCount } from '@galvani/terminal';

const ofPrompts = new Set(promptNoises.map(({ name }) => name));

/**
 * A calibration as a page of Markdown tables. First prompts that vary alike or not, a row for each noise; then for each measure and
 * level a row for each noise model and correction, a column for each noise of tokens. Rates are percentages; a `*` marks one whose
 * whole 95% interval is on the wrong side of nominal.
 */
export function calibrationText(rows: readonly CalibrationRate[]): string {
  const prompts = rows.filter(({ noise }) => ofPrompts.has(noise));
  const groups = groupBy(
    rows.filter(({ noise }) => !ofPrompts.has(noise)),
    (row) => `${row.measure}|${row.nominal}`,
  );
  const tables = [...groups.values()].map((own) => measureText(own));
  return [...(prompts.length > 0 ? [promptText(prompts)] : []), ...tables].join('\n');
}

/** Columns of the table of prompts, each for both statistics: what is counted, and under which correction. */
const promptColumns = [
  { heading: 'family-wise error', measure: 'family-wise error', correction: 'maximum', interval: true },
  { heading: 'false positives', measure: 'false positives', correction: 'none', interval: false },
  { heading: 'sensitivity', measure: 'sensitivity', correction: 'maximum', interval: false },
  { heading: 'false discoveries, bh', measure: 'false discovery proportion', correction: 'bh', interval: false },
];

function promptText(rows: readonly CalibrationRate[]): string {
  const models = [...new Set(rows.map(({ model }) => model))];
  const columns = promptColumns.flatMap((column) => models.map((model) => ({ ...column, model })));
  const lines = [...groupBy(rows, ({ noise }) => noise)].map(([noise, own]) => [
    noise,
    ...columns.map(({ measure, correction, model, interval }) => {
      const found = own.find(
        (row) => row.measure.startsWith(measure) && row.correction === correction && row.model === model,
      );
      return found && interval ? `${cell(found)} (${percents(found)})` : cell(found);
    }),
  ]);
  const headings = columns.map(({ heading, model }, c) => (c % models.length === 0 ? `${heading}: ${model}` : model));
  return `### Prompts, at 5%\n\n${markdownTable([['noise', ...headings], ...lines], 1)}`;
}

function percents({ lower, upper }: CalibrationRate): string {
  return `${(100 * lower).toFixed(1)}-${(100 * upper).toFixed(1)}`;
}

function measureText(rows: readonly CalibrationRate[]): string {
  const { measure, nominal } = rows[0];
  const noises = [...new Set(rows.map(({ noise }) => noise))];
  const lines = [...groupBy(rows, ({ model, correction }) => `${model}|${correction}`).values()].map((own) => [
    own[0].model,
    own[0].correction,
    ...noises.map((noise) => cell(own.find((row) => row.noise === noise))),
  ]);
  return `### ${heading(measure, nominal)}\n\n${markdownTable([['model', 'correction', ...noises], ...lines], 2)}`;
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

/** @param named number of columns of text, which come first */
function markdownTable(lines: readonly (readonly string[])[], named: number): string {
  const widths = lines[0].map((_, c) => Math.max(3, ...lines.map((line) => line[c].length)));
  const text = (line: readonly string[]) =>
    `| ${line.map((value, c) => (c < named ? value.padEnd(widths[c]) : value.padStart(widths[c]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, c) => (c < named ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
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
