import { type ActivationColumn, type ActivationReader, batchesOfRun } from '@galvani/artifact';
import type { Recording } from '@galvani/results';
import type { PromptLayout } from '@galvani/statistics';
import { Failure } from '@galvani/terminal';
import type { RowSource, SiteBatch } from '../fit/row-source.js';

/** The rows of a layer, run after run, or what they come to over prompts. */
export async function layerRows(
  layer: string,
  recordings: readonly Recording[],
  layout: PromptLayout,
): Promise<RowSource> {
  const columns = await recordings[0].columns(layer);
  const [{ moments }] = recordings;
  const common = { columns, layout, levelled: false };
  if (!moments)
    return {
      ...common,
      batches: () =>
        joined(
          columns,
          recordings.map(({ openLayer, promptOfRow }) => ({
            rows: promptOfRow.length,
            open: () => openLayer(layer),
          })),
        ),
    };
  return {
    ...common,
    async *batches() {},
    prompts: {
      parts: moments.parts,
      batches: (part) =>
        joined(
          columns,
          recordings.map(({ events, moments: own }) => ({ rows: events.length, open: () => own!.open(layer, part) })),
        ),
    },
  };
}

/** The rows of files, one after the other. */
async function* joined(
  columns: readonly ActivationColumn[],
  files: readonly { rows: number; open(): Promise<ActivationReader> }[],
): AsyncGenerator<SiteBatch> {
  let before = 0;
  for (const { rows, open } of files) {
    const file = await open();
    try {
      if (JSON.stringify(columns) !== JSON.stringify(file.columns))
        throw new Failure(
          `${file.path} holds other sites than the other runs do: extract all runs with the same settings.`,
        );
      for await (const batch of batchesOfRun(file, rows)) yield { ...batch, firstRow: before + batch.firstRow };
    } finally {
      await file.close();
    }
    before += rows;
  }
}
