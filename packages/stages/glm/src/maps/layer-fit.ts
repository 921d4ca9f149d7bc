import { type ActivationBatch, type ActivationColumn, openActivationFile, readPromptMeans } from '@galvani/artifact';
import type { Estimator } from '@galvani/statistics';
import { activationsPath, type StudyFolder } from '@galvani/study';
import { Failure } from '@galvani/terminal';
import type { RunRows } from '../run-rows.js';
import type { SetModel, SetResult } from './set-model.js';

/** Units of a layer that are fitted together: some of one column's. */
interface Part {
  column: number;
  /** First unit and the one after the last, within the column. */
  from: number;
  until: number;
}

/** One layer, fitted by every map set. */
export interface LayerFit {
  columns: ActivationColumn[];
  units: number;
  /** For each run by name the means of its prompts, [prompts x units]. */
  means: Map<string, Float64Array>;
  /** For each model the results of its parts, in the order of units. */
  results: SetResult[][];
}

/** What may look at the token rows as they pass; `first` is the run's first row among those of all runs. */
export type BatchWatcher = (first: number, batch: ActivationBatch, columns: readonly ActivationColumn[]) => void;

/**
 * Fits a layer: its files are read once for all map sets, and once more for every further group of units where the
 * estimators of all units would not fit in memory together.
 *
 * @param passBytes that the estimators of one pass may take; default 256 MB. Changes no result.
 */
export async function fitLayer(
  folder: StudyFolder,
  layer: string,
  rows: readonly RunRows[],
  models: readonly SetModel[],
  watch?: BatchWatcher,
  passBytes = 256e6,
): Promise<LayerFit> {
  const columns = await columnsOf(activationsPath(folder, rows[0].run.name, layer));
  const units = columns.reduce((sum, { width }) => sum + width, 0);
  const onTokens = models.filter((model) => !model.onMeans);
  const perUnit = onTokens.reduce((sum, model) => sum + bytesPerUnit(model), 0);
  const passes = unitPasses(columns, perUnit === 0 ? units : Math.max(1, Math.floor(passBytes / perUnit)));
  const means = new Map<string, Float64Array>();
  const tokenResults = new Map(onTokens.map((model) => [model, [] as SetResult[]]));
  for (const [p, parts] of passes.entries()) {
    const work = onTokens.map((model) => ({
      model,
      estimators: parts.map(({ from, until }) => model.estimator(until - from)),
      first: 0,
    }));
    let before = 0;
    for (const run of rows) {
      const path = activationsPath(folder, run.run.name, layer);
      const ours = work.filter(({ model }) => model.runs.includes(run));
      const take = (batch: ActivationBatch) => addBatch(batch, columns, parts, ours);
      if (p === 0) {
        const read = await readPromptMeans(path, run.promptOfRow, (batch) => {
          take(batch);
          watch?.(before, batch, columns);
        });
        requireAlike(path, columns, read.columns);
        means.set(run.run.name, read.means);
      } else await eachBatch(path, take);
      for (const each of ours) each.first += run.promptOfRow.length;
      before += run.promptOfRow.length;
    }
    for (const { model, estimators } of work)
      tokenResults.get(model)!.push(...estimators.map((estimator) => model.evaluate(estimator)));
  }
  const results = models.map((model) => tokenResults.get(model) ?? fitMeans(model, means, units));
  return { columns, units, means, results };
}

/** The prompt means of a model's runs, one below the other, [prompts x units]. */
export function stackedMeans(model: SetModel, means: ReadonlyMap<string, Float64Array>): Float64Array {
  const parts = model.runs.map(({ run }) => means.get(run.name)!);
  if (parts.length === 1) return parts[0];
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Units of prompt means that are fitted at a time: their sums stay in the second cache. */
const strip = 1024;

function fitMeans(model: SetModel, means: ReadonlyMap<string, Float64Array>, units: number): SetResult[] {
  const results: SetResult[] = [];
  for (let from = 0; from < units; from += strip) {
    const until = Math.min(units, from + strip);
    const estimator = model.estimator(until - from);
    let first = 0;
    for (const { run, prompts } of model.runs) {
      estimator.add(cut(means.get(run.name)!, prompts, units, from, until), first);
      first += prompts;
    }
    results.push(model.evaluate(estimator));
  }
  return results;
}

function addBatch(
  { firstRow, rows, values }: ActivationBatch,
  columns: readonly ActivationColumn[],
  parts: readonly Part[],
  work: readonly { estimators: Estimator[]; first: number }[],
): void {
  if (work.length === 0) return;
  for (const [k, { column, from, until }] of parts.entries()) {
    const { width } = columns[column];
    const whole = from === 0 && until === width;
    const own = whole ? values[column].subarray(0, rows * width) : cut(values[column], rows, width, from, until);
    for (const { estimators, first } of work) estimators[k].add(own, first + firstRow);
  }
}

/** Units `from` to `until` of [rows x width], in an array of their own. */
function cut<T extends Float32Array | Float64Array>(
  values: T,
  rows: number,
  width: number,
  from: number,
  until: number,
): T {
  const units = until - from;
  const out = (values instanceof Float32Array ? new Float32Array(rows * units) : new Float64Array(rows * units)) as T;
  for (let r = 0; r < rows; r++) out.set(values.subarray(r * width + from, r * width + until), r * units);
  return out;
}

/** Parts of at most `most` units a pass: whole columns where they fit, else pieces of one. */
function unitPasses(columns: readonly ActivationColumn[], most: number): Part[][] {
  const passes: Part[][] = [[]];
  let left = most;
  for (const [column, { width }] of columns.entries()) {
    if (width > left && left < most) {
      passes.push([]);
      left = most;
    }
    for (let from = 0; from < width; from += most) {
      if (from > 0) passes.push([]);
      const until = Math.min(width, from + most);
      passes.at(-1)!.push({ column, from, until });
      left = from === 0 ? left - (until - from) : most - (until - from);
    }
  }
  return passes;
}

/** Bytes that an estimator keeps for a unit: the series itself, or sums over segments and design columns. */
function bytesPerUnit({ noise, fitted }: SetModel): number {
  if (noise === 'arma11') return 8 * fitted.design.rows;
  const segments = new Set(Array.from(fitted.layout.run, (run, row) => `${run} ${fitted.layout.prompt[row]}`)).size;
  return 8 * ((noise === 'ols' ? 1 : 3) * segments + 6 * fitted.design.columns);
}

async function columnsOf(path: string): Promise<ActivationColumn[]> {
  const file = await openActivationFile(path);
  await file.close();
  return file.columns;
}

async function eachBatch(path: string, use: (batch: ActivationBatch) => void): Promise<void> {
  const file = await openActivationFile(path);
  try {
    for await (const batch of file.batches()) use(batch);
  } finally {
    await file.close();
  }
}

function requireAlike(path: string, columns: readonly ActivationColumn[], other: readonly ActivationColumn[]): void {
  if (JSON.stringify(columns) !== JSON.stringify(other))
    throw new Failure(`${path} holds other sites than the other runs do: extract all runs with the same settings.`);
}
