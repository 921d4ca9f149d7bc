import { concatenate } from '@galvani/numerics';
import { type PromptLayout, segmentsOf } from '@galvani/statistics';
import { evaluateFit, type FittedGlm, joinFits, permutePrompts } from './fitted-glm.js';
import { estimatorOf, type PreparedGlm, permutesPrompts } from './prepared-glm.js';
import { readPass } from './read-pass.js';
import type { RowSource, SiteBatch } from './row-source.js';
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
    const wanted = watchMeans !== undefined || glms.some(needsMeans);
    const first = p === 0 ? watch : undefined;
    const all = await readPass(source, { parts, glms, estimators, means: wanted, watch: first, signal });
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

const needsMeans = (glm: PreparedGlm) => glm.prompts !== undefined || permutesPrompts(glm);

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
