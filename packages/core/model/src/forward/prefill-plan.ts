/** One run of the prompt pass: rows `firstRow` to `firstRow + rows`, positions `from` to `to` of each. */
export interface PrefillRun {
  firstRow: number;
  rows: number;
  from: number;
  to: number;
}

/**
 * Cuts the prompt pass into runs of about `tokensAtOnce` tokens, padding counted, so that its outputs stay small however
 * many and long the prompts are. Several whole prompts make a run; a prompt that is too long for one is cut into several,
 * by itself, since the attention kernel continues a cache by more than one token for a single row only.
 */
export function planPrefill(lengths: readonly number[], tokensAtOnce: number): PrefillRun[] {
  const runs: PrefillRun[] = [];
  for (let row = 0; row < lengths.length; ) {
    if (lengths[row] > tokensAtOnce) {
      for (let from = 0; from < lengths[row]; from += tokensAtOnce)
        runs.push({ firstRow: row, rows: 1, from, to: Math.min(from + tokensAtOnce, lengths[row]) });
      row++;
      continue;
    }
    let rows = 0;
    let longest = 0;
    while (row + rows < lengths.length) {
      const next = Math.max(longest, lengths[row + rows]);
      if (next * (rows + 1) > tokensAtOnce) break;
      longest = next;
      rows++;
    }
    runs.push({ firstRow: row, rows, from: 0, to: longest });
    row += rows;
  }
  return runs;
}
