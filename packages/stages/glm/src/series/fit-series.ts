import type { DesignMatrix, DesignReport, FamilywiseNull, Fit, NamedColumns } from '@galvani/statistics';
import { schemaSentences } from '@galvani/study';
import { UserMistake, wantedInstead } from '@galvani/terminal';
import { evaluateFit, type FittedContrast, type FittedGlm, permutePrompts } from '../fit/fitted-glm.js';
import { estimatorOf, type PreparedGlm, permutesPrompts } from '../fit/prepared-glm.js';
import { promptMeans } from '../fit/prompt-means.js';
import { prepareSeries } from './prepare-series.js';
import { type SeriesConfigInput, seriesConfigSchema } from './series-config.js';
import type { SeriesEvent, SeriesRun } from './series-events.js';
import { contrastInUnits, fitInUnits, inFactors, unitFactors } from './unit-factors.js';

/** A contrast of every unit, with family-wise p where permutations were asked for and can test it. */
export type SeriesContrast = FittedContrast & {
  /** log10 of the family-wise p, by permuting prompts; [units]. */
  log10pFamilywise?: Float64Array;
  familywise?: FamilywiseNull;
  /** The statistic that relabelling tests, where it is not the contrast's own; [units]. */
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
 * contrasts.get('task') // { effect: [4], t: [5.6569], df: [2] }
 */
export async function fitSeries(input: SeriesInput): Promise<SeriesFit> {
  const { rows, units, confounds } = input;
  if (input.series.length !== rows * units)
    throw new RangeError(
      `the series has ${input.series.length} values; ${rows} rows of ${units} units are ${rows * units}`,
    );
  const parsed = seriesConfigSchema.safeParse(input.config ?? {}, { error: wantedInstead });
  if (!parsed.success) {
    const checked = { value: input.config, schema: seriesConfigSchema, whole: 'it', place: () => 'config' };
    throw new UserMistake(schemaSentences(parsed.error.issues, checked)[0]);
  }
  const runs = input.runs ?? [{ name: '1', rows, events: input.events ?? [] }];
  const given = runs.reduce((sum, run) => sum + run.rows, 0);
  if (given !== rows) throw new UserMistake(`The runs have ${given} rows together, and the series ${rows}.`);
  const glm = prepareSeries(runs, parsed.data, { confounds });
  const factors = unitFactors(input.series, units);
  const series = inFactors(input.series, factors);
  const estimator = estimatorOf(glm, units);
  estimator.add(series, 0);
  const fit = estimator.finish();
  const fitted = evaluateFit(glm, fit);
  if (permutesPrompts(glm)) {
    const means = promptMeans(glm.layout, units, true);
    means.addRows({ first: 0, units }, series, 0);
    await permutePrompts(glm, fitted, means.means());
  }
  const contrasts = [...familywiseContrasts(glm, fitted)].map(
    ([name, contrast]) => [name, contrastInUnits(contrast, factors)] as const,
  );
  return { design: glm.design, report: glm.report, fit: fitInUnits(fit, factors), contrasts: new Map(contrasts) };
}

/** Adds family-wise p, when the prompts of all units have been permuted. */
export function familywiseContrasts(glm: PreparedGlm, { contrasts }: FittedGlm): Map<string, SeriesContrast> {
  return new Map(
    [...contrasts].map(([name, { permuted, ...result }]) => {
      if (!permuted) return [name, result];
      const permutations = glm.contrasts.get(name)!.permutations!;
      const familywise = permutations.finish();
      const log10pFamilywise = familywise.log10p(permuted);
      return [name, { ...result, familywise, log10pFamilywise, ...(permutations.apart && { relabelled: permuted }) }];
    }),
  );
}
