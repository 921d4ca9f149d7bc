import { type Estimator, type PromptLayout, segmentsOf } from '@galvani/statistics';
import { gatherMoments, momentsOfPart } from './gathered-moments.js';
import type { PreparedGlm } from './prepared-glm.js';
import { promptMeans } from './prompt-means.js';
import type { PromptSource, RowSource, SiteBatch } from './row-source.js';
import { type UnitPart, valuesOfPart } from './unit-passes.js';

/** Units of a source that are read together, and who takes what is read. */
export interface Pass {
  parts: readonly UnitPart[];
  glms: readonly PreparedGlm[];
  /** For each model an estimator of each part; none for models that take prompts' means. */
  estimators: readonly (readonly Estimator[])[];
  /** Whether means over prompts are wanted. */
  means: boolean;
  /** Sees the rows, where there are any. */
  watch?: (batch: SiteBatch) => void;
  signal?: AbortSignal;
}

/**
 * Gives estimators the rows of a pass's units, or the moments of their prompts where these are there in place of rows.
 * @returns means over prompts, [prompts x units], where they are wanted
 */
export function readPass(source: RowSource, pass: Pass): Promise<Float64Array | undefined> {
  return source.prompts ? readMoments(source.prompts, source.layout, pass) : readRows(source, pass);
}

const unitsOf = ({ parts }: Pass) => parts.reduce((sum, part) => sum + part.units, 0);

async function readRows(source: RowSource, pass: Pass): Promise<Float64Array | undefined> {
  const { parts, glms, estimators, watch, signal } = pass;
  const means = pass.means ? promptMeans(source.layout, unitsOf(pass), source.levelled) : undefined;
  for await (const batch of source.batches()) {
    signal?.throwIfAborted();
    for (const [k, part] of parts.entries()) {
      const values = valuesOfPart(part, batch.rows, batch.values);
      means?.addRows(part, values, batch.firstRow);
      for (const [m, glm] of glms.entries())
        if (!glm.prompts) addSpans(estimators[m][k], glm, values, part.units, batch);
    }
    watch?.(batch);
  }
  return means?.means();
}

async function readMoments(prompts: PromptSource, layout: PromptLayout, pass: Pass): Promise<Float64Array> {
  const { parts, glms, estimators, signal } = pass;
  // Beside the means those that models of rows take.
  const ofRows = glms.some((glm) => !glm.prompts);
  const given = await gatherMoments(prompts, parts, segmentsOf(layout).count, ofRows, signal);
  for (const [m, glm] of glms.entries())
    for (const [k, estimator] of estimators[m].entries())
      estimator.addPrompts!(momentsOfPart(given, unitsOf(pass), parts[k], promptsOf(glm, layout)));
  return given.means;
}

/** A model's prompts among those of all runs. */
function promptsOf({ spans }: PreparedGlm, layout: PromptLayout): number[] {
  const { ofRow } = segmentsOf(layout);
  return spans.flatMap(({ from, until }) => {
    const [first, last] = [ofRow[from], ofRow[until - 1]];
    return Array.from({ length: last - first + 1 }, (_, p) => first + p);
  });
}

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
