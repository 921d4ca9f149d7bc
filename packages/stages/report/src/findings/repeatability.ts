import type { Reliability } from '@galvani/artifact';
import { decimal, percent, probability } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** What the measures of `networks/reliability.parquet` are called. */
export const measureNames: Record<string, string> = {
  correlation: 'correlation of maps',
  dice: 'Dice of the strongest 5%',
  'split-half': 'correlation of halves',
  prompts: 'correlation of halves of the prompts',
  fingerprint: 'most alike map is of the task',
};

/** How far sessions repeat, and prompts of the same runs, in a sentence or two; none where neither is known. */
export function repeatabilitySentences({ networks }: Pick<StudyResults, 'networks'>): string[] {
  const of = (measure: string) => networks.reliability?.find((row) => row.measure === measure && row.task === '');
  const correlation = of('correlation');
  const halves = promptSentence(of('prompts'));
  if (!correlation || !Number.isFinite(correlation.within)) return halves;
  return [correlationSentence(correlation), ...fingerprintSentence(of('fingerprint')), ...halves];
}

function promptSentence(row: Reliability | undefined): string[] {
  if (!row || !Number.isFinite(row.within)) return [];
  const others = Number.isFinite(row.between) ? ` (of two tasks at ${decimal(row.between)})` : '';
  return [
    `Maps of odd and of even prompts of the same runs correlate at ${decimal(row.within)}${others}; to prompts like these the map of all has a reliability of ${decimal(row.whole)}.`,
  ];
}

function correlationSentence({ within, lower, upper, between, whole, p }: Reliability): string {
  const interval = Number.isFinite(lower) ? ` (95% interval ${decimal(lower)} to ${decimal(upper)})` : '';
  const others = Number.isFinite(between)
    ? `, maps of two tasks at ${decimal(between)} (p ${probability(p)} against relabelled sessions)`
    : '';
  return `Maps of one task in two sessions correlate at ${decimal(within)}${interval}${others}; the map of all sessions has a reliability of ${decimal(whole)}.`;
}

function fingerprintSentence(row: Reliability | undefined): string[] {
  if (!row || !Number.isFinite(row.within)) return [];
  return [
    `Of session maps ${percent(row.within)} are most like one of the same task among those of other sessions (chance ${percent(row.between)}, p ${probability(row.p)}).`,
  ];
}
