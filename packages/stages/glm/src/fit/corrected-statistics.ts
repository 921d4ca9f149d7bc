import type { MapStatistics, StoredStatistics } from '@galvani/artifact';
import { concatenate } from '@galvani/numerics';
import type { FContrastResult, TContrastResult } from '@galvani/statistics';
import { correctionColumn, correctionNames, correctionOf, corrections, type Family } from '@galvani/study';

/** Statistics of a contrast as a map holds them. Which there are depends on its kind, t or F. */
export function plainStatistics(contrast: TContrastResult | FContrastResult): MapStatistics {
  if (contrast.kind === 'F')
    return {
      F: contrast.F,
      z: contrast.z,
      log10_p: contrast.log10p,
      partial_eta_squared: contrast.partialEtaSquared,
      partial_eta_squared_lower: contrast.lower,
      partial_eta_squared_upper: contrast.upper,
    };
  return {
    effect: contrast.effect,
    variance: contrast.variance,
    t: contrast.t,
    z: contrast.z,
    log10_p: contrast.log10p,
    d: contrast.d,
    d_lower: contrast.dLower,
    d_upper: contrast.dUpper,
  };
}

/**
 * Column of the statistic that relabelling tests, where it is not among the map's own: for other noise models than `prompt`, and for F
 * of one effect, the t (or F) of prompts' means.
 */
export const relabelledColumn = 'relabelled';

/** What depends on the whole family of units: by column, for each layer, as log10. */
export type FamilyCorrections = readonly (readonly [column: string, layers: Float64Array[]])[];

/** The statistics of layer `l` of a family, in the order in which maps hold them. */
export function correctedStatistics(
  plain: StoredStatistics,
  familywise: Float64Array | undefined,
  family: FamilyCorrections,
  l = 0,
): StoredStatistics {
  return {
    ...plain,
    ...(familywise && { [corrections.familywise.column]: familywise }),
    ...layerOf(family, l),
  };
}

/** The corrections of one layer. */
export function layerOf(family: FamilyCorrections, l: number): MapStatistics {
  return Object.fromEntries(family.map(([column, layers]) => [column, layers[l]]));
}

/**
 * @param log10p of each layer's units (of all maps of a family); NaN is not tested and does not count
 * @param copyOf for each of these units the one of them that it copies, or -1. A copy is no test of its own: its corrected p is that
 *   of the unit that it copies, or its own p where that is larger
 */
export function correctFamily(
  log10p: readonly Float64Array[],
  family: Family = 'task',
  copyOf?: Int32Array,
): FamilyCorrections {
  const p = concatenate(log10p).map((value) => value * Math.LN10);
  const isCopy = (u: number) => copyOf !== undefined && copyOf[u] >= 0 && !Number.isNaN(p[copyOf[u]]);
  const tests = p.map((value, u) => (isCopy(u) ? Number.NaN : value));
  const correct = (adjust: (logP: Float64Array) => Float64Array) => {
    const adjusted = adjust(tests);
    return adjusted.map((value, u) => (isCopy(u) ? Math.max(p[u], adjusted[copyOf![u]]) : value));
  };
  const cut = (adjusted: Float64Array) => {
    let at = 0;
    return log10p.map(({ length }) => {
      at += length;
      return adjusted.slice(at - length, at).map((value) => value / Math.LN10);
    });
  };
  return correctionNames.flatMap((name) => {
    const { adjust } = correctionOf(name);
    return adjust ? [[correctionColumn(name, family), cut(correct(adjust))] as const] : [];
  });
}
