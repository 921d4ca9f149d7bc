import type { ActivationValues } from '@galvani/artifact';
import { decodeFloat16 } from '@galvani/numerics';

/** The one row that is kept of a text: its last token's, or the mean over its tokens. */
export interface TextRow {
  /** Adds a site's outputs at the next tokens of the text, [rows x width]. */
  add(site: number, rows: number, values: ActivationValues): void;
  /** For each site its row [width], when all of a text's `length` tokens have been added. The next text starts afresh. */
  take(length: number): ActivationValues[];
}

/**
 * Rows of texts that are read in passages. Means are taken in float64 and rounded to float32; the last row is kept bit for bit.
 *
 * @param widths units of each site
 */
export function textRow(kept: 'mean' | 'last', widths: readonly number[]): TextRow {
  return kept === 'last' ? lastRow(widths) : meanRow(widths);
}

function lastRow(widths: readonly number[]): TextRow {
  const last: ActivationValues[] = widths.map(() => new Float32Array(0));
  return {
    add(site, rows, values) {
      last[site] = values.slice((rows - 1) * widths[site], rows * widths[site]);
    },
    take: () => [...last],
  };
}

function meanRow(widths: readonly number[]): TextRow {
  const sums = widths.map((width) => new Float64Array(width));
  return {
    add(site, rows, values) {
      const [sum, width] = [sums[site], widths[site]];
      const numbers = values instanceof Float32Array ? values : decodeFloat16(values);
      for (let r = 0, at = 0; r < rows; r++) for (let u = 0; u < width; u++) sum[u] += numbers[at++];
    },
    take(length) {
      const means = sums.map((sum) => Float32Array.from(sum, (value) => value / length));
      for (const sum of sums) sum.fill(0);
      return means;
    },
  };
}
