/** Damerau-Levenshtein distance (restricted): edits, insertions, deletions and swaps of neighbours. */
function distance(a: string, b: string): number {
  const rows: number[][] = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  for (let j = 0; j <= b.length; j++) rows[0][j] = j;
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const change = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      rows[i][j] = Math.min(change, rows[i - 1][j] + 1, rows[i][j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  return rows[a.length][b.length];
}

/** The allowed names most like `name`, nearest first; none where nothing is near. */
export function nearest(name: string, allowed: Iterable<string>, count = 3): string[] {
  return [...new Set(allowed)]
    .map((candidate) => ({ candidate, d: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, d }) => d <= Math.max(2, Math.max(name.length, candidate.length) * 0.4))
    .sort((a, b) => a.d - b.d || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/** ` Did you mean 'x'?` with a leading space, or nothing. */
export function didYouMean(name: string, allowed: Iterable<string>): string {
  const [best] = nearest(name, allowed, 1);
  return best === undefined ? '' : ` Did you mean '${best}'?`;
}
