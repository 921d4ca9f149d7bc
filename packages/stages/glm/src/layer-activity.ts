import {
  type ActivationColumn,
  activationsPath,
  openActivationFile,
  readPromptMeans,
  type StudyFolder,
} from '@galvani/artifact';
import { Failure } from '@galvani/terminal';
import type { RunRows } from './run-rows.js';

/** Prompt means of one layer for every run. */
export interface LayerMeans {
  columns: ActivationColumn[];
  units: number;
  /** For each run by name, [prompts x units]. */
  means: Map<string, Float64Array>;
}

/** Reads a layer of all runs down to prompt means: one pass over the files. */
export async function readLayerMeans(
  folder: StudyFolder,
  layer: string,
  runs: readonly RunRows[],
): Promise<LayerMeans> {
  const means = new Map<string, Float64Array>();
  let columns: ActivationColumn[] | undefined;
  let units = 0;
  for (const { run, promptOfRow } of runs) {
    const path = activationsPath(folder, run.name, layer);
    const read = await readPromptMeans(path, promptOfRow);
    columns ??= read.columns;
    if (JSON.stringify(columns) !== JSON.stringify(read.columns))
      throw new Failure(`${path} holds other sites than the other runs do: extract all runs with the same settings.`);
    units = read.units;
    means.set(run.name, read.means);
  }
  return { columns: columns ?? [], units, means };
}

/** Calls `use` with the token rows of a layer of one run, [rows x units], batch by batch; `first` counts rows of the run. */
export async function eachTokenBatch(
  folder: StudyFolder,
  layer: string,
  run: string,
  use: (rows: Float32Array, first: number) => void,
): Promise<void> {
  const file = await openActivationFile(activationsPath(folder, run, layer));
  try {
    const units = file.columns.reduce((sum, { width }) => sum + width, 0);
    for await (const { firstRow, rows, values } of file.batches()) {
      const joined = new Float32Array(rows * units);
      let at = 0;
      for (const [c, { width }] of file.columns.entries()) {
        for (let r = 0; r < rows; r++) joined.set(values[c].subarray(r * width, (r + 1) * width), r * units + at);
        at += width;
      }
      use(joined, firstRow);
    }
  } finally {
    await file.close();
  }
}
