import type { ActivationColumn } from '@galvani/artifact';
import { concatenate } from '@galvani/numerics';
import { segmentsOf } from '@galvani/statistics';
import { startProgress } from '@galvani/terminal';
import type { SiteSample, UnitStates } from '../site-diagnostics.js';
import { createSegmentMeans, familywiseContrasts, type SeriesContrast, seriesContrasts } from './fit-series.js';
import type { SeriesRun } from './series-events.js';
import type { SeriesFile } from './series-file.js';
import type { SeriesModel } from './series-model.js';

/** A model fitted to all units. */
export interface FittedSeries extends UnitStates {
  df: number;
  contrasts: Map<string, SeriesContrast>;
}

/**
 * Fits models to files of series: the first to all runs, each further one to its own run. Files are read once, and once
 * more for every further group of units where all would not fit in memory together.
 *
 * @param passBytes that the estimators of one pass may take; default 256 MB. Changes no result.
 */
export async function fitFiles(
  files: readonly SeriesFile[],
  models: readonly SeriesModel[],
  runs: readonly SeriesRun[],
  watch: SiteSample['watch'],
  signal?: AbortSignal,
  passBytes = 256e6,
): Promise<FittedSeries[]> {
  const { columns } = files[0];
  const units = columns.reduce((sum, { width }) => sum + width, 0);
  const perUnit = models.reduce((sum, model) => sum + bytesPerUnit(model), 0);
  const group = Math.max(1, Math.floor(passBytes / perUnit));
  const rows = runs.reduce((sum, run) => sum + run.rows, 0);
  const progress = startProgress('glm', rows * Math.ceil(units / group), 'rows');
  const parts: FittedSeries[][] = models.map(() => []);
  for (let from = 0; from < units; from += group) {
    const until = Math.min(units, from + group);
    const work = models.map((model) => model.estimator(until - from));
    const means = createSegmentMeans(models[0], until - from);
    const take = spread(runs, work, until - from);
    let first = 0;
    for (const file of files)
      for await (const batch of file.batches()) {
        signal?.throwIfAborted();
        const joined = joinColumns(batch.values, batch.rows, columns, from, until);
        take(joined, first);
        means?.add(joined, first);
        if (from === 0) watch({ ...batch, firstRow: first });
        first += batch.rows;
        progress.advance(batch.rows);
      }
    for (const [m, model] of models.entries()) {
      const fit = work[m].finish();
      const contrasts = await seriesContrasts(model, fit, m === 0 ? means : undefined);
      parts[m].push({ flags: fit.flags, dispersion: fit.dispersion, df: fit.df, contrasts });
    }
  }
  progress.finish();
  return models.map((model, m) => joinParts(model, parts[m]));
}

/** Gives rows to the estimator of all runs and to that of their own run. */
function spread(
  runs: readonly SeriesRun[],
  [whole, ...single]: readonly ReturnType<SeriesModel['estimator']>[],
  units: number,
): (rows: Float32Array | Float64Array, first: number) => void {
  let start = 0;
  const starts = runs.map((run) => {
    start += run.rows;
    return start - run.rows;
  });
  return (rows, first) => {
    whole.add(rows, first);
    const last = first + rows.length / units;
    for (const [r, estimator] of single.entries()) {
      const from = Math.max(first, starts[r]);
      const until = Math.min(last, starts[r] + runs[r].rows);
      if (until > from) estimator.add(rows.subarray((from - first) * units, (until - first) * units), from - starts[r]);
    }
  };
}

/** Units `from` to `until` of all columns, [rows x units]. */
function joinColumns(
  values: readonly (Float32Array | Float64Array)[],
  rows: number,
  columns: readonly ActivationColumn[],
  from: number,
  until: number,
): Float32Array | Float64Array {
  if (values.length === 1 && from === 0 && until === columns[0].width) return values[0];
  const units = until - from;
  const out = values.every((own) => own instanceof Float32Array)
    ? new Float32Array(rows * units)
    : new Float64Array(rows * units);
  let before = 0;
  for (const [c, { width }] of columns.entries()) {
    const [first, last] = [Math.max(from, before), Math.min(until, before + width)];
    if (last > first)
      for (let r = 0; r < rows; r++)
        out.set(values[c].subarray(r * width + first - before, r * width + last - before), r * units + first - from);
    before += width;
  }
  return out;
}

/** Bytes that an estimator, and means for relabelling, keep for a unit. */
function bytesPerUnit({ config, design, layout, relabellings }: SeriesModel): number {
  if (config.noise === 'arma11') return 8 * design.rows;
  const segments = segmentsOf(layout).count;
  return (
    8 * ((config.noise === 'ols' ? 1 : 3) * segments + (relabellings.size > 0 ? segments : 0) + 6 * design.columns)
  );
}

function joinParts(model: SeriesModel, parts: readonly FittedSeries[]): FittedSeries {
  const units = parts.reduce((sum, { flags }) => sum + flags.length, 0);
  const flags = new Uint8Array(units);
  let at = 0;
  for (const part of parts) {
    flags.set(part.flags, at);
    at += part.flags.length;
  }
  const names = [...parts[0].contrasts.keys()];
  const contrasts = names.map((name) => [name, joinContrasts(parts.map((part) => part.contrasts.get(name)!))] as const);
  return {
    flags,
    dispersion: concatenate(parts.map(({ dispersion }) => dispersion)),
    df: parts[0].df,
    contrasts: familywiseContrasts(model, new Map(contrasts)),
  };
}

/** One result of several over units that follow one another: arrays are joined, the rest is the same in all. */
function joinContrasts(parts: readonly SeriesContrast[]): SeriesContrast {
  const entries = Object.entries(parts[0]).map(([key, value]) => [
    key,
    value instanceof Float64Array
      ? concatenate(parts.map((part) => (part as unknown as Record<string, Float64Array>)[key]))
      : value,
  ]);
  return Object.fromEntries(entries) as SeriesContrast;
}
