import type { ActivationBatch, ActivationColumn, SiteDiagnostics } from '@galvani/artifact';
import { randomStream } from '@galvani/numerics';
import { createDiagnostics, createEstimator, outlierUnits, type ResidualDiagnostics } from '@galvani/statistics';
import type { SetDesign } from './design/set-design.js';
import type { SetResult } from './maps/set-model.js';
import type { RunRows } from './run-rows.js';

/** Units of a site whose token residuals are looked at. */
const sampleSize = 32;

/** Keeps the token series of sampled units of one layer while its files are read. */
export interface LayerSample {
  watch(run: RunRows, batch: ActivationBatch, columns: readonly ActivationColumn[]): void;
  /**
   * @param design of all runs
   * @param tasks the layer's results of sets that share out all runs among them, each the results of its parts
   */
  diagnose(layer: string, design: SetDesign, tasks: readonly (readonly SetResult[])[]): SiteDiagnostics[];
}

/**
 * A sample of at most 32 units a site, drawn by the seed and the site's name. Residuals are those of ordinary least
 * squares on tokens, whatever noise model the maps have: they show what that model has to reckon with.
 */
export function sampleLayer(rows: readonly RunRows[], seed: number): LayerSample {
  const firstRow = new Map<RunRows, number>();
  let total = 0;
  for (const run of rows) {
    firstRow.set(run, total);
    total += run.promptOfRow.length;
  }
  let sites: { column: ActivationColumn; chosen: number[]; series: Float32Array }[] = [];
  return {
    watch(run, batch, columns) {
      if (sites.length === 0)
        sites = columns.map((column) => {
          const chosen = chooseUnits(column, seed);
          return { column, chosen, series: new Float32Array(total * chosen.length) };
        });
      const first = firstRow.get(run)! + batch.firstRow;
      for (const [c, { column, chosen, series }] of sites.entries()) {
        const values = batch.values[c];
        for (let r = 0; r < batch.rows; r++)
          for (let k = 0; k < chosen.length; k++)
            series[(first + r) * chosen.length + k] = values[r * column.width + chosen[k]];
      }
    },
    diagnose(layer, design, tasks) {
      const deviation = logDeviation(tasks);
      const flags = tasks.map((parts) => joinFlags(parts));
      let start = 0;
      return sites.map(({ column, chosen, series }) => {
        const from = start;
        start += column.width;
        const units = Array.from({ length: column.width }, (_, u) => from + u);
        return {
          layer,
          site: column.site,
          kind: column.kind,
          units: column.width,
          constant: units.filter((u) => flags.every((own) => own[u] === 1)).length,
          non_finite: units.filter((u) => flags.some((own) => own[u] === 2)).length,
          outliers: outlierUnits(deviation.subarray(from, start)).length,
          ...summary(residuals(series, chosen.length, design)),
        };
      });
    },
  };
}

function chooseUnits({ site, width }: ActivationColumn, seed: number): number[] {
  const all = Array.from({ length: width }, (_, u) => u);
  if (width <= sampleSize) return all;
  return randomStream(seed, 'diagnostics', site)
    .shuffled(all)
    .slice(0, sampleSize)
    .sort((a, b) => a - b);
}

function residuals(series: Float32Array, units: number, { tokens, layout }: SetDesign): ResidualDiagnostics {
  const estimator = createEstimator('ols', tokens.design, layout, units);
  estimator.add(series, 0);
  const diagnostics = createDiagnostics(estimator.finish(), tokens.design, layout);
  diagnostics.add(series, 0);
  return diagnostics.finish();
}

function summary({ lag1, ljungBoxLog10p, intraclass }: ResidualDiagnostics) {
  const tested = ljungBoxLog10p.filter((log) => !Number.isNaN(log));
  const rejected = tested.filter((log) => log < Math.log10(0.05));
  return {
    sampled: lag1.length,
    lag1: median(lag1),
    ljung_box_share: tested.length === 0 ? Number.NaN : rejected.length / tested.length,
    intraclass: median(intraclass),
  };
}

function median(values: Float64Array): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const half = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Log of each unit's residual deviation, pooled over the sets; NaN where a set has none. */
function logDeviation(tasks: readonly (readonly SetResult[])[]): Float64Array {
  const units = tasks[0].reduce((sum, { flags }) => sum + flags.length, 0);
  const sum = new Float64Array(units);
  for (const parts of tasks) {
    let at = 0;
    for (const { dispersion } of parts) for (const value of dispersion) sum[at++] += value / tasks.length;
  }
  return sum.map((value) => 0.5 * Math.log(value));
}

function joinFlags(parts: readonly SetResult[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { flags }) => sum + flags.length, 0));
  let at = 0;
  for (const { flags } of parts) {
    out.set(flags, at);
    at += flags.length;
  }
  return out;
}
