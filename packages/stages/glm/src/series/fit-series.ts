import {
  contrastF,
  contrastT,
  type DesignMatrix,
  type DesignReport,
  type FamilywiseNull,
  type FContrastResult,
  type Fit,
  type NamedColumns,
  type Segments,
  segmentsOf,
  type TContrastResult,
} from '@galvani/statistics';
import { schemaSentences } from '@galvani/study';
import { UserMistake, wantedInstead } from '@galvani/terminal';
import { type SeriesConfigInput, seriesConfigSchema } from './series-config.js';
import type { SeriesEvent, SeriesRun } from './series-events.js';
import { type SeriesModel, seriesModel } from './series-model.js';

/** A contrast of every unit, with family-wise p where relabelling was asked for and can test it. */
export type SeriesContrast = (TContrastResult | FContrastResult) & {
  /** log10 of the family-wise p, by relabelling prompts; [units]. */
  log10pFamilywise?: Float64Array;
  familywise?: FamilywiseNull;
  /** The statistic of the observed labels, while the family is gathered. */
  relabelled?: Float64Array;
};

/** What `fitSeries` takes. */
export interface SeriesInput {
  /** [rows x units], row-major. */
  series: Float32Array | Float64Array;
  rows: number;
  units: number;
  /** Events of one run; for several give `runs`. */
  events?: readonly SeriesEvent[];
  /** Runs, whose rows follow one another in the series. */
  runs?: readonly SeriesRun[];
  /** As in the config file of `galvani glm --series`, without its confounds' path. */
  config?: SeriesConfigInput;
  /** A value for each row, by name. */
  confounds?: NamedColumns;
}

/** What `fitSeries` gives. */
export interface SeriesFit {
  /** A row for each row of the series. */
  design: DesignMatrix;
  report: DesignReport;
  fit: Fit;
  /** By name. */
  contrasts: Map<string, SeriesContrast>;
}

/**
 * Fits a general linear model to a series that a person has in memory: the same as `galvani glm --series`.
 *
 * @throws UserMistake for events or a config that cannot be used
 * @example
 * const events = [
 *   { onset: 0, duration: 2, trialType: 'rest' },
 *   { onset: 2, duration: 2, trialType: 'task' },
 *   { onset: 4, duration: 2, trialType: 'rest' },
 *   { onset: 6, duration: 2, trialType: 'task' },
 * ];
 * const series = Float32Array.of(1, 2, 5, 6, 2, 3, 6, 7);
 * const { contrasts } = await fitSeries({ series, rows: 8, units: 1, events, config: { noise: 'prompt' } });
 * const task = contrasts.get('task'); // effect 4, t 5.6569 on 2 degrees of freedom
 */
export async function fitSeries(input: SeriesInput): Promise<SeriesFit> {
  const { series, rows, units, confounds } = input;
  if (series.length !== rows * units)
    throw new RangeError(`the series has ${series.length} values; ${rows} rows of ${units} units are ${rows * units}`);
  const parsed = seriesConfigSchema.safeParse(input.config ?? {}, { error: wantedInstead });
  if (!parsed.success) {
    const checked = { value: input.config, schema: seriesConfigSchema, whole: 'it', place: () => 'config' };
    throw new UserMistake(schemaSentences(parsed.error.issues, checked)[0]);
  }
  const runs = input.runs ?? [{ name: '1', rows, events: input.events ?? [] }];
  const given = runs.reduce((sum, run) => sum + run.rows, 0);
  if (given !== rows) throw new UserMistake(`The runs have ${given} rows together, and the series ${rows}.`);
  const model = seriesModel(runs, parsed.data, confounds);
  const estimator = model.estimator(units);
  estimator.add(series, 0);
  const fit = estimator.finish();
  const means = createSegmentMeans(model, units);
  means?.add(series, 0);
  const contrasts = familywiseContrasts(model, await seriesContrasts(model, fit, means));
  return { design: model.design, report: model.report, fit, contrasts };
}

/** The contrasts of a finished fit of some units; their relabelled statistics wait for the rest of the family. */
export async function seriesContrasts(
  model: SeriesModel,
  fit: Fit,
  means?: SegmentMeans,
): Promise<Map<string, SeriesContrast>> {
  const found = new Map<string, SeriesContrast>();
  const given = means?.finish();
  for (const [name, { kind, weights }] of model.contrasts) {
    const result = kind === 't' ? contrastT(fit, weights[0], name) : contrastF(fit, weights, name);
    const gathered = given && model.relabellings.get(name);
    found.set(name, gathered ? { ...result, relabelled: (await gathered.add(given)).statistic } : result);
  }
  return found;
}

/** Adds family-wise p, when all units have been relabelled. */
export function familywiseContrasts(
  model: SeriesModel,
  contrasts: ReadonlyMap<string, SeriesContrast>,
): Map<string, SeriesContrast> {
  return new Map(
    [...contrasts].map(([name, { relabelled, ...result }]) => {
      const familywise = relabelled && model.relabellings.get(name)?.finish();
      if (!familywise) return [name, result];
      return [name, { ...result, familywise, log10pFamilywise: familywise.log10p(relabelled) }];
    }),
  );
}

/** Means over prompts, gathered from rows in any chunks. */
export interface SegmentMeans {
  add(rows: Float32Array | Float64Array, firstRow: number): void;
  /** [prompts x units], about each unit's first value. */
  finish(): Float64Array;
}

/**
 * Undefined where nothing is relabelled. Means are about each unit's first value, which intercepts of runs explain anyway: a
 * level 1e12 times the spread would leave nothing of the spread in a sum.
 */
export function createSegmentMeans(model: SeriesModel, units: number): SegmentMeans | undefined {
  if (model.relabellings.size === 0) return undefined;
  const segments: Segments = segmentsOf(model.layout);
  const sums = new Float64Array(segments.count * units);
  let level: Float64Array | undefined;
  return {
    add(rows, firstRow) {
      level ??= Float64Array.from(rows.subarray(0, units));
      for (let i = 0; i < rows.length / units; i++) {
        const to = segments.ofRow[firstRow + i] * units;
        for (let u = 0; u < units; u++) sums[to + u] += rows[i * units + u] - level[u];
      }
    },
    finish: () => sums.map((sum, at) => sum / segments.length[Math.floor(at / units)]),
  };
}
