import { batchesOfRun } from '@galvani/artifact';
import type { Recording } from '@galvani/results';
import type { PromptLayout } from '@galvani/statistics';
import { Failure } from '@galvani/terminal';
import type { RowSource } from '../fit/row-source.js';

/** The rows of a layer, run after run. */
export async function layerRows(
  layer: string,
  recordings: readonly Recording[],
  layout: PromptLayout,
): Promise<RowSource> {
  const first = await recordings[0].openLayer(layer);
  await first.close();
  const { columns } = first;
  return {
    columns,
    layout,
    levelled: false,
    async *batches() {
      let before = 0;
      for (const { openLayer, promptOfRow } of recordings) {
        const file = await openLayer(layer);
        try {
          if (JSON.stringify(columns) !== JSON.stringify(file.columns))
            throw new Failure(
              `${file.path} holds other sites than the other runs do: extract all runs with the same settings.`,
            );
          for await (const batch of batchesOfRun(file, promptOfRow.length))
            yield { ...batch, firstRow: before + batch.firstRow };
        } finally {
          await file.close();
        }
        before += promptOfRow.length;
      }
    },
  };
}
