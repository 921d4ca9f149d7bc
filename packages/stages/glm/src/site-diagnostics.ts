import type { ActivationColumn, SiteDiagnostics, UnitMarks } from '@galvani/artifact';
import { randomStream } from '@galvani/numerics';
import {
  createDiagnostics,
  createEstimator,
  type DesignMatrix,
  outlierUnits,
  type PromptLayout,
  type ResidualDiagnostics,
  segmentsOf,
} from '@galvani/statistics';
import type { UnitStates } from './fit/fitted-glm.js';
import type { SiteBatch } from './fit/row-source.js';
import type { UnitPart } from './fit/unit-passes.js';

/** Most units of a site, and of all sites together, whose token residuals are looked at. */
const sampleOfSite = 32;
const sampleOfAll = 4096;
/** Most units of a layer whose means over prompts are given, unless it has more sites. */
const sampleOfMeans = 64;

/** Keeps the token series of sampled units while files are read. */
export interface SiteSample {
  watch(batch: SiteBatch): void;
  /** Where there are no rows: sees the means over prompts of a pass's units, [prompts x units]. */
  watchMeans(parts: readonly UnitPart[], means: Float64Array): void;
  /**
   * @param design of all rows, a row a token
   * @param one fit for each task; together they cover every row once: each row is fitted once
   */
  diagnose(
    layer: string,
    design: DesignMatrix,
    layout: PromptLayout,
    fits: readonly UnitStates[],
    marks?: UnitMarks,
  ): SiteDiagnostics[];
  /** Means over prompts of 64 sampled units at most, equally many of each site, and one at least; [prompts x units]. */
  promptMeans(layout: PromptLayout): Float64Array;
}

/**
 * A sample of at most 32 units a site (fewer where there are very many sites), drawn by the seed and the site's name.
 * Residuals are those of ordinary least squares on tokens, whatever noise model the maps have: they show what that model
 * has to reckon with.
 *
 * @param rows of the series; 0 where prompts' moments are there in its place, which say nothing of how tokens follow on from each other
 */
export function sampleSites(columns: readonly ActivationColumn[], rows: number, seed: number): SiteSample {
  const most = Math.max(1, Math.min(sampleOfSite, Math.floor(sampleOfAll / columns.length)));
  const chosen = columns.map((column) => chooseUnits(column, most, seed));
  const total = chosen.reduce((sum, own) => sum + own.length, 0);
  const series = new Float64Array(rows * total);
  const each = Math.max(1, Math.floor(sampleOfMeans / columns.length));
  /** For each site the places of the units whose means are given: spread over those chosen, whose order is theirs in the site. */
  const averaged = chosen.map((own) => {
    const taken = Math.min(each, own.length);
    return Array.from({ length: taken }, (_, k) => Math.floor((k * own.length) / taken));
  });
  const ofSites = averaged.flat().length;
  let seen = new Float64Array(0);
  return {
    watchMeans(parts, means) {
      const units = parts.reduce((sum, part) => sum + part.units, 0);
      const prompts = means.length / units;
      if (seen.length === 0) seen = new Float64Array(prompts * ofSites);
      let at = 0;
      const places = averaged.map((own) => {
        at += own.length;
        return at - own.length;
      });
      for (const { first, pieces } of parts) {
        let before = first;
        for (const { column, from, until } of pieces) {
          for (const [k, place] of averaged[column].entries()) {
            const unit = chosen[column][place];
            if (unit < from || unit >= until) continue;
            for (let p = 0; p < prompts; p++)
              seen[p * ofSites + places[column] + k] = means[p * units + before + unit - from];
          }
          before += until - from;
        }
      }
    },
    watch({ firstRow, rows: count, values }) {
      let at = 0;
      for (const [c, own] of chosen.entries()) {
        const { width } = columns[c];
        for (let r = 0; r < count; r++)
          for (let k = 0; k < own.length; k++) series[(firstRow + r) * total + at + k] = values[c][r * width + own[k]];
        at += own.length;
      }
    },
    promptMeans(layout) {
      if (rows === 0) return seen;
      let before = 0;
      const units = chosen.flatMap((own, c) => {
        before += own.length;
        return averaged[c].map((place) => before - own.length + place);
      });
      const { count, ofRow, length } = segmentsOf(layout);
      const means = new Float64Array(count * units.length);
      for (const [r, segment] of ofRow.entries())
        for (const [k, u] of units.entries())
          means[segment * units.length + k] += series[r * total + u] / length[segment];
      return means;
    },
    diagnose(layer, design, layout, fits, marks) {
      const residuals = rows === 0 ? noResiduals(total) : residualDiagnostics(series, total, design, layout);
      const deviation = logDeviation(fits);
      let unit = 0;
      let at = 0;
      return columns.map(({ site, kind, width }, c) => {
        const [from, first] = [unit, at];
        unit += width;
        at += chosen[c].length;
        const units = Array.from({ length: width }, (_, u) => from + u);
        return {
          layer,
          site,
          kind,
          units: width,
          constant: units.filter((u) => fits.every(({ flags }) => flags[u] === 1)).length,
          non_finite: units.filter((u) => fits.some(({ flags }) => flags[u] === 2)).length,
          copies: units.filter((u) => (marks?.copyOf[u] ?? -1) >= 0).length,
          unreachable: units.filter((u) => marks?.unreachable[u] === 1).length,
          outliers: outlierUnits(deviation.subarray(from, unit)).length,
          ...summary(residuals, first, at),
          ...(rows === 0 && { sampled: 0 }),
        };
      });
    },
  };
}

function chooseUnits({ site, width }: ActivationColumn, most: number, seed: number): number[] {
  const all = Array.from({ length: width }, (_, u) => u);
  if (width <= most) return all;
  return randomStream(seed, 'diagnostics', site)
    .shuffled(all)
    .slice(0, most)
    .sort((a, b) => a - b);
}

function residualDiagnostics(series: Float64Array, units: number, design: DesignMatrix, layout: PromptLayout) {
  const estimator = createEstimator('ols', design, layout, units);
  estimator.add(series, 0);
  const diagnostics = createDiagnostics(estimator.finish(), design, layout);
  diagnostics.add(series, 0);
  return diagnostics.finish();
}

/** Where no tokens are kept. */
function noResiduals(units: number): SummedResiduals {
  const unknown = new Float64Array(units).fill(Number.NaN);
  return { lag1: unknown, ljungBoxLog10p: unknown, intraclass: unknown };
}

type SummedResiduals = Pick<ResidualDiagnostics, 'lag1' | 'ljungBoxLog10p' | 'intraclass'>;

function summary({ lag1, ljungBoxLog10p, intraclass }: SummedResiduals, from: number, until: number) {
  const tested = ljungBoxLog10p.subarray(from, until).filter((log) => !Number.isNaN(log));
  const rejected = tested.filter((log) => log < Math.log10(0.05));
  return {
    sampled: until - from,
    lag1: median(lag1.subarray(from, until)),
    ljung_box_share: tested.length === 0 ? Number.NaN : rejected.length / tested.length,
    intraclass: median(intraclass.subarray(from, until)),
  };
}

function median(values: Float64Array): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const half = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Log of each unit's residual deviation, pooled over the fits; NaN where one has none. */
function logDeviation(fits: readonly UnitStates[]): Float64Array {
  return fits[0].dispersion.map((_, u) => {
    const mean = fits.reduce((sum, { dispersion }) => sum + dispersion[u], 0) / fits.length;
    return 0.5 * Math.log(mean);
  });
}
