import type { Tensor } from '@galvani/onnx';

/** Where padding stands that makes texts equally long: in front of each, or behind its prompt. */
export type Padding = 'front' | 'behind';

/** Prompts that go through the graph together. */
export interface PromptGroup {
  /** The request's rows that they are. */
  rows: readonly number[];
  /** Their tokens so far. */
  texts: number[][];
  padding: Padding;
  /** Keys and values of all tokens but each text's last, where the graph gives them. */
  cached?: Laid & { past: Map<string, Tensor> };
}

/** How a group's texts lay in its first run: the columns, and each text's tokens among them. */
interface Laid {
  columns: number;
  lengths: readonly number[];
}

/** What a run of a group feeds: the tokens that are not cached, and where all tokens lie. */
export interface GroupRun {
  /** [rows x columns] */
  tokens: Int32Array[];
  /** Columns that are cached, in front of these. */
  before: number;
  /** Which token of its text each column of a row is, cached ones first; negative where it is padding. */
  tokenAt(row: number, column: number): number;
  /** For each row the column, of those that are fed, of its text's last token. */
  last: number[];
  laid: Laid;
}

/** Up to so many tokens it is weights that take the time, not texts: then padding costs little, however much there is. */
const shortText = 32;
/** Tokens of a run, padding counted, so that what lies between a graph's nodes stays small. */
const tokensAtOnce = 2048;

/**
 * The prompts in groups of at most `mostRows`. Without padding those of one length are one. With it a group's longest prompt has at most twice
 * its shortest's tokens, or few.
 */
export function groupPrompts(prompts: readonly Int32Array[], mostRows: number, padding?: Padding): PromptGroup[] {
  const byLength = [...prompts.keys()].sort((a, b) => prompts[a].length - prompts[b].length);
  const groups: number[][] = [];
  for (const row of byLength) {
    const group = groups.at(-1);
    const length = prompts[row].length;
    const shortest = group && prompts[group[0]].length;
    const fits =
      shortest !== undefined &&
      group!.length < mostRows &&
      length <= (padding ? Math.max(shortText, 2 * shortest) : shortest) &&
      (length === shortest || length * (group!.length + 1) <= tokensAtOnce);
    if (fits) group!.push(row);
    else groups.push([row]);
  }
  return groups.map((rows) =>
    promptGroup(
      prompts,
      rows.sort((a, b) => a - b),
      padding,
    ),
  );
}

/** Some of a request's prompts as one group. */
export function promptGroup(
  prompts: readonly Int32Array[],
  rows: readonly number[],
  padding: Padding = 'front',
): PromptGroup {
  return { rows, texts: rows.map((row) => [...prompts[row]]), padding };
}

/** The next run of a group: whole texts, or where keys and values are cached the last token of each. */
export function nextRun({ texts, padding, cached }: PromptGroup): GroupRun {
  const lengths = cached?.lengths ?? texts.map(({ length }) => length);
  const columns = cached?.columns ?? Math.max(...lengths);
  const tokenAt = (row: number, column: number) => {
    const missing = columns - lengths[row];
    if (padding === 'front') return column - missing;
    if (column < lengths[row]) return column;
    return column < columns ? -1 : column - missing;
  };
  if (cached) {
    const total = texts[0].length + columns - lengths[0];
    return {
      tokens: texts.map((text) => Int32Array.of(text[text.length - 1])),
      before: total - 1,
      tokenAt,
      last: texts.map(() => 0),
      laid: { columns, lengths },
    };
  }
  return {
    // Padding is a token of the text's own, which every vocabulary has.
    tokens: texts.map((text, r) => Int32Array.from({ length: columns }, (_, c) => text[Math.max(0, tokenAt(r, c))])),
    before: 0,
    tokenAt,
    last: lengths.map((length) => (padding === 'front' ? columns : length) - 1),
    laid: { columns, lengths },
  };
}
