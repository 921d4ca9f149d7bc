import type { PromptLayout } from '@galvani/statistics';
import type { RowSource } from '../fit/row-source.js';
import type { SeriesFile } from './series-file.js';

/**
 * The rows of files of series, one below the other.
 *
 * @param onRows hears how many rows come next
 */
export function seriesRows(
  files: readonly SeriesFile[],
  layout: PromptLayout,
  onRows?: (rows: number) => void,
): RowSource {
  return {
    columns: files[0].columns,
    layout,
    levelled: true,
    async *batches() {
      let before = 0;
      for (const file of files) {
        for await (const batch of file.batches()) {
          yield { ...batch, firstRow: before + batch.firstRow };
          onRows?.(batch.rows);
        }
        before += file.rows;
      }
    },
  };
}
