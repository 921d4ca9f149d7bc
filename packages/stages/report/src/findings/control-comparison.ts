import type { Control } from '@galvani/artifact';
import { decimal } from '../page/words.js';

/** Ways of holding prompts out, easiest first. */
export const foldKinds = ['sessions', 'forms', 'words'] as const;
export type FoldKind = (typeof foldKinds)[number];

/** What held-out prompts have not in common with those that anything was learnt from. */
export const foldWords: Record<FoldKind, string> = {
  sessions: 'another session is held out',
  forms: 'the form of prompt is held out too',
  words: 'no content word is shared',
};

/** Controls by what they see. */
export type ControlGroup = 'networks' | 'random' | 'reference' | 'twin' | 'wording' | 'generated' | 'part';

export function groupOf({ features, source, decoder }: Pick<Control, 'features' | 'source' | 'decoder'>): ControlGroup {
  if (source !== 'activity') return source as 'twin' | 'wording';
  if (/^(layer|kind) /.test(features)) return 'part';
  if (features !== 'units') return 'generated';
  return decoder === 'networks' ? 'networks' : decoder === 'random networks' ? 'random' : 'reference';
}

/** Rows of a group on one kind of folds. */
export function controlsOf(rows: readonly Control[], folds: FoldKind, group: ControlGroup): Control[] {
  return rows.filter((row) => row.folds === folds && row.total > 0 && groupOf(row) === group);
}

/** Galvani's own row. */
export const networksOf = (rows: readonly Control[], folds: FoldKind): Control | undefined =>
  controlsOf(rows, folds, 'networks')[0];

/**
 * The control that identifies most; of equals the one that networks beat least surely. Chosen on the prompts that it is judged by, so that
 * it is flattered and networks are not.
 */
export function bestOf(rows: readonly Control[]): Control | undefined {
  return rows.reduce<Control | undefined>(
    (best, row) =>
      !best || row.correct > best.correct || (row.correct === best.correct && row.p > best.p) ? row : best,
    undefined,
  );
}

const names: Record<string, string> = {
  units: 'all units',
  twin: 'the untrained twin',
  tokens: 'the prompts’ tokens',
  'input embedding': 'the mean of the prompts’ input embeddings',
  'character n-grams': 'the prompts’ runs of characters',
  'length and position': 'the prompts’ length and place in the run',
  'generated tokens': 'the tokens that were generated',
};

/** What a decoder sees, as people say it. */
export const featureName = (features: string): string => names[features] ?? features;

/** `7 points`, `−1 point`. */
export function points(share: number): string {
  const text = decimal(100 * share, 0);
  return `${text} ${text === '1' || text === '−1' ? 'point' : 'points'}`;
}

/** `networks’ lead 7 points, 95% interval 0 to 15`: their accuracy minus the control's. */
export function leadWords(row: Control): string {
  return `networks’ lead ${points(row.difference)}, 95% interval ${intervalWords(row)}`;
}

/** The interval of the lead in points. */
export function intervalWords({ difference_lower, difference_upper }: Control): string {
  return `${decimal(100 * difference_lower, 0)} to ${decimal(100 * difference_upper, 0)}`;
}
