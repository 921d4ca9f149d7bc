import type { LesionRow } from '@galvani/artifact';
import type { LesionLosses } from './measured-losses.js';
import type { ComparedLesions, Comparison } from './network-lesions.js';

/** What a lesion of a network did to each of some texts or pairs, and what those of other units did. */
export interface LesionChanges extends Pick<LesionRow, 'sites' | 'kind' | 'dose' | 'network' | 'units'> {
  /** Change of each text's loss, or of what else was measured; NaN for those that were not read. */
  change: Float64Array;
  /** [controls] of the same. */
  controls: Float64Array[];
  imbalance: ComparedLesions['imbalance'];
  comparisons: { against: Comparison; draws: Float64Array[]; imbalance: ComparedLesions['imbalance'] }[];
}

/** Changes of a measure of the losses against the untouched model. */
export function changesOf(
  { lesion, untouched, network, controls, comparisons }: LesionLosses,
  measure: (losses: Float64Array) => Float64Array,
): LesionChanges {
  const before = measure(untouched);
  const change = (losses: Float64Array) => measure(losses).map((value, k) => value - before[k]);
  const { sites, kind, dose, network: name, units } = lesion;
  return {
    ...{ sites, kind, dose, network: name, units, change: change(network), controls: controls.map(change) },
    imbalance: lesion.controls.imbalance,
    comparisons: comparisons.map(({ against, losses }, k) => ({
      ...{ against, draws: losses.map(change), imbalance: lesion.comparisons[k].imbalance },
    })),
  };
}
