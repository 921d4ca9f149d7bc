import { type ActivationColumn, type ActivationReader, batchesOfRun, openActivationFile } from '@galvani/artifact';
import type { PromptLayout } from '@galvani/statistics';
import { activationsPath, type StudyFolder } from '@galvani/study';
import { Failure } from '@galvani/terminal';
import type { RowSource } from '../fit/row-source.js';
import type { RunRows } from '../run-rows.js';

/** The rows of a layer, run after run. */
export async function layerRows(
  folder: StudyFolder,
  layer: string,
  runs: readonly RunRows[],
  layout: PromptLayout,
): Promise<RowSource> {
  const pathOf = ({ run }: RunRows) => activationsPath(folder, run.name, layer);
  const first = await openActivationFile(pathOf(runs[0]));
  await first.close();
  const { columns } = first;
  return {
    columns,
    layout,
    levelled: false,
    async *batches() {
      let before = 0;
      for (const run of runs) {
        const path = pathOf(run);
        const file = await openActivationFile(path);
        try {
          requireAlike(path, columns, file);
          for await (const batch of batchesOfRun(path, file, run.promptOfRow.length))
            yield { ...batch, firstRow: before + batch.firstRow };
        } finally {
          await file.close();
        }
        before += run.promptOfRow.length;
      }
    },
  };
}

function requireAlike(path: string, columns: readonly ActivationColumn[], other: ActivationReader): void {
  if (JSON.stringify(columns) !== JSON.stringify(other.columns))
    throw new Failure(`${path} holds other sites than the other runs do: extract all runs with the same settings.`);
}
