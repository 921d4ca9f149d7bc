import type { Recording } from '@galvani/results';
import {
  noiseNormalisedProducts,
  type PatternProducts,
  standardisation,
  standardisedPatterns,
} from '@galvani/statistics';
import type { PresentedTasks } from './presented-tasks.js';

/** What distances and components are made from. */
export interface Activity {
  /** Inner products of prompts, units in standard deviations of their residuals. */
  products: PatternProducts;
  /** Of counted units in standard deviations over all prompts and about their means, which look at no label; [prompts x units]. */
  standardised: Float32Array;
}

/**
 * Reads prompts' means of all runs, layer by layer.
 *
 * @param counted 1 for the units that networks count, over all layers
 */
export async function readActivity(
  recordings: readonly Recording[],
  presented: PresentedTasks,
  counted: Uint8Array,
  onLayer: () => void,
): Promise<Activity> {
  const prompts = presented.run.length;
  const kept = counted.reduce((sum, own) => sum + own, 0);
  const products = noiseNormalisedProducts(presented);
  const standardised = new Float32Array(prompts * kept);
  let first = 0;
  let at = 0;
  for (const layer of recordings[0].layers) {
    const parts: Float64Array[] = [];
    for (const { promptMeans } of recordings) parts.push((await promptMeans(layer)).means);
    const units = parts[0].length / recordings[0].events.length;
    const columns = [...counted.subarray(first, first + units).keys()].filter((u) => counted[first + u] === 1);
    const means = keptColumns(parts, units, columns);
    await products.add(means, columns.length);
    const own = standardisedPatterns(means, standardisation(means, columns.length));
    for (let p = 0; p < prompts; p++)
      standardised.set(own.subarray(p * columns.length, (p + 1) * columns.length), p * kept + at);
    first += units;
    at += columns.length;
    onLayer();
  }
  return { products: products.finish(), standardised };
}

/** Some columns of tables [rows x units], one below the other. */
function keptColumns(parts: readonly Float64Array[], units: number, columns: readonly number[]): Float64Array {
  const rows = parts.reduce((sum, { length }) => sum + length / units, 0);
  const out = new Float64Array(rows * columns.length);
  const kept = Int32Array.from(columns);
  let to = 0;
  for (const part of parts)
    for (let row = 0; row < part.length; row += units, to += kept.length)
      for (let k = 0; k < kept.length; k++) out[to + k] = part[row + kept[k]];
  return out;
}
