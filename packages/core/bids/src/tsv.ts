/** A cell of a table; NaN and undefined are `n/a`. */
export type Cell = string | number | undefined;

/**
 * A line of a BIDS table, its line break included. In text a backslash, tab or line break is written `\\`, `\t`, `\n`, `\r`; text with a double quote
 * stands in double quotes, its own doubled, as pandas and other readers of tab-separated values take it.
 */
export const tsvLine = (cells: readonly Cell[]): string => `${cells.map(cellText).join('\t')}\n`;

export const tsvText = (columns: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [columns, ...rows].map(tsvLine).join('');

function cellText(value: Cell): string {
  if (value === undefined || value === '' || Number.isNaN(value)) return 'n/a';
  if (typeof value === 'number') return String(value);
  const escaped = value.replaceAll(/[\\\t\n\r]/g, (c) => escapes[c]);
  return escaped.includes('"') ? `"${escaped.replaceAll('"', '""')}"` : escaped;
}

const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
