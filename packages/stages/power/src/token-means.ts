import type { Recording } from '@galvani/results';

/** Means over the first tokens of each prompt, of all units of a layer. */
export interface TokenMeans {
  units: number;
  /** For each number of tokens, [prompts x units] row-major; a prompt with fewer tokens has the mean of those. */
  means: Float32Array[];
}

/**
 * Reads a layer of a run once.
 * @param counts numbers of tokens, ascending; Infinity for all
 */
export async function tokenMeans(
  { openLayer, promptOfRow, events, moments, promptMeans }: Recording,
  layer: string,
  counts: readonly number[],
): Promise<TokenMeans> {
  if (moments) {
    const { units, means } = await promptMeans(layer);
    return { units, means: counts.map(() => Float32Array.from(means)) };
  }
  const file = await openLayer(layer);
  try {
    const units = file.columns.reduce((sum, { width }) => sum + width, 0);
    const sums = new Float64Array(events.length * units);
    const means = counts.map(() => new Float32Array(events.length * units));
    const { place, last } = placesOf(promptOfRow);
    for await (const { firstRow, rows, values } of file.batches()) {
      let first = 0;
      for (const [c, { width }] of file.columns.entries()) {
        for (let r = 0; r < rows; r++) {
          const row = firstRow + r;
          const to = promptOfRow[row] * units + first;
          for (let u = 0, at = r * width; u < width; u++, at++) sums[to + u] += values[c][at];
          const tokens = place[row] + 1;
          for (const [k, count] of counts.entries())
            if (tokens === count || (last[row] && tokens < count))
              for (let u = to; u < to + width; u++) means[k][u] = sums[u] / tokens;
        }
        first += width;
      }
    }
    return { units, means };
  } finally {
    await file.close();
  }
}

/** For each row its place among the tokens of its prompt, and whether it is the last. */
function placesOf(promptOfRow: Int32Array): { place: Int32Array; last: Uint8Array } {
  const place = new Int32Array(promptOfRow.length);
  const last = new Uint8Array(promptOfRow.length);
  for (const [row, prompt] of promptOfRow.entries()) {
    place[row] = row > 0 && promptOfRow[row - 1] === prompt ? place[row - 1] + 1 : 0;
    last[row] = promptOfRow[row + 1] === prompt ? 0 : 1;
  }
  return { place, last };
}
