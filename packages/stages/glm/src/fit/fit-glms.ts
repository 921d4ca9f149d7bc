import { concatenate } from '@galvani/numerics';
import { type Estimator, type PromptLayout, type PromptMoments, segmentsOf } from '@galvani/statistics';
import { evaluateFit, type FittedGlm, joinFits, permutePrompts } from './fitted-glm.js';
import { gatherMoments, momentsOfPart } from './gathered-moments.js';
import { estimatorOf, type PreparedGlm, permutesPrompts } from './prepared-glm.js';
import { promptMeans } from './prompt-means.js';
import type { PromptSource, RowSource, SiteBatch } from './row-source.js';
import { type UnitPart, unitPasses, valuesOfPart } from './unit-passes.js';

/** What `fitGlms` need not be given. */
export interface FitOptions {
  /** From `unitPasses`. Default: as many units a pass as 256 MB hold. */
  passes?: readonly (readonly UnitPart[])[];
  /** Sees the rows of the first pass. */
  watch?: (batch: SiteBatch) => void;
  /** Sees the means over prompts of a pass's units, [prompts x units], before they are fitted. */
  watchMeans?: (parts: readonly UnitPart[], means: Float64Array) => void;
  signal?: AbortSignal;
}

/**
 * Fits models to the rows of a source, which are read once for all models, and once more for every further group of units
 * where the estimators of all units would not fit in memory together.
 *
 * @returns the fits in the order of the models, each when its prompts have been permuted
 */
export async function* fitGlms(
  source: RowSource,
  glms: readonly PreparedGlm[],
  { passes = unitPasses(source, glms), watch, watchMeans, signal }: FitOptions = {},
): AsyncGenerator<FittedGlm> {
  const earlier = glms.map((): FittedGlm[] => []);
  for (const [p, parts] of passes.entries()) {
    const units = parts.reduce((sum, part) => sum + part.units, 0);
    const estimators = glms.map((glm) => (glm.prompts ? [] : parts.map((part) => estimatorOf(glm, part.units))));
    const given = source.prompts && (await givenMoments(source.prompts, source.layout, parts, glms, signal));
    if (given)
      for (const [m, glm] of glms.entries())
        for (const [k, estimator] of estimators[m].entries())
          estimator.addPrompts!(momentsOfPart(given, units, parts[k], promptsOf(glm, source.layout)));
    const wanted = !given && (watchMeans || glms.some(needsMeans));
    const means = wanted ? promptMeans(source.layout, units, source.levelled) : undefined;
    for await (const batch of source.batches()) {
      signal?.throwIfAborted();
      for (const [k, part] of parts.entries()) {
        const values = valuesOfPart(part, batch.rows, batch.values);
        means?.addRows(part, values, batch.firstRow);
        for (const [m, glm] of glms.entries())
          if (!glm.prompts) addSpans(estimators[m][k], glm, values, part.units, batch);
      }
      if (p === 0) watch?.(batch);
    }
    const all = given?.means ?? means?.means();
    if (all) watchMeans?.(parts, all);
    const meansOf = (glm: PreparedGlm) => stackedMeans(glm, all!, units, source.layout);
    const fits = glms.map((glm, m) =>
      joinFits(
        glm.prompts ? fitMeans(glm, meansOf(glm), units) : estimators[m].map((each) => evaluateFit(glm, each.finish())),
      ),
    );
    // After all fits: onnxruntime's threads wait busily for the next permutation.
    for (const [m, glm] of glms.entries()) {
      signal?.throwIfAborted();
      if (permutesPrompts(glm)) await permutePrompts(glm, fits[m], meansOf(glm));
      earlier[m].push(fits[m]);
      if (p === passes.length - 1) yield joinFits(earlier[m].splice(0));
    }
  }
}

/** The moments of a pass's units: beside the means those that models of rows take. */
function givenMoments(
  prompts: PromptSource,
  layout: PromptLayout,
  parts: readonly UnitPart[],
  glms: readonly PreparedGlm[],
  signal?: AbortSignal,
): Promise<PromptMoments> {
  const { count } = segmentsOf(layout);
  return gatherMoments(
    prompts,
    parts,
    count,
    glms.some((glm) => !glm.prompts),
    signal,
  );
}

/** A model's prompts among those of all runs. */
function promptsOf({ spans }: PreparedGlm, layout: PromptLayout): number[] {
  const { ofRow } = segmentsOf(layout);
  return spans.flatMap(({ from, until }) => {
    const [first, last] = [ofRow[from], ofRow[until - 1]];
    return Array.from({ length: last - first + 1 }, (_, p) => first + p);
  });
}

const needsMeans = (glm: PreparedGlm) => glm.prompts !== undefined || permutesPrompts(glm);

/** Gives an estimator those rows of a batch that are its model's. */
function addSpans(
  estimator: Estimator,
  { spans }: PreparedGlm,
  values: Float32Array | Float64Array,
  units: number,
  { firstRow, rows }: SiteBatch,
): void {
  let before = 0;
  for (const { from, until } of spans) {
    const [first, last] = [Math.max(from, firstRow), Math.min(until, firstRow + rows)];
    if (last > first)
      estimator.add(values.subarray((first - firstRow) * units, (last - firstRow) * units), before + first - from);
    before += until - from;
  }
}

/** The means of a model's prompts, one below the other, [prompts x units]. */
function stackedMeans({ spans }: PreparedGlm, means: Float64Array, units: number, layout: PromptLayout): Float64Array {
  const { ofRow } = segmentsOf(layout);
  const parts = spans.map(({ from, until }) => means.subarray(ofRow[from] * units, (ofRow[until - 1] + 1) * units));
  return parts.length === 1 ? parts[0] : concatenate(parts);
}

/** Units of prompts' means that are fitted at a time: their sums stay in the second cache. */
const strip = 1024;

function fitMeans(glm: PreparedGlm, means: Float64Array, width: number): FittedGlm[] {
  const fits: FittedGlm[] = [];
  for (let from = 0; from < width; from += strip) {
    const until = Math.min(width, from + strip);
    const estimator = estimatorOf(glm, until - from);
    const part = { first: from, units: until - from, pieces: [{ column: 0, width, from, until }] };
    estimator.add(valuesOfPart(part, means.length / width, [means]), 0);
    fits.push(evaluateFit(glm, estimator.finish()));
  }
  return fits;
}
