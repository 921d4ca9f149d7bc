import type { MapStatistics } from '@galvani/artifact';
import { benjaminiHochberg, bonferroni } from '@galvani/numerics';
import type { FamilywiseNull } from '@galvani/statistics';
import type { LayerResult } from './set-model.js';

/** Statistics of a contrast as a map holds them. Which there are depends on its kind, t or F. */
function plainStatistics({ contrast }: LayerResult): MapStatistics {
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
 * Adds to each layer's statistics what depends on the whole family of units: family-wise p by relabelling, the false
 * discovery rate (Benjamini and Hochberg) and Bonferroni, as log10. Two-sided for t.
 */
export function correctedStatistics(layers: readonly LayerResult[], familywise: FamilywiseNull): MapStatistics[] {
  const p = joined(layers.map(({ contrast }) => contrast.log10p)).map((value) => value * Math.LN10);
  const fdr = benjaminiHochberg(p);
  const strict = bonferroni(p);
  let at = 0;
  return layers.map((layer) => {
    const end = at + layer.flags.length;
    const log10 = (natural: Float64Array) => natural.slice(at, end).map((value) => value / Math.LN10);
    const statistics = {
      ...plainStatistics(layer),
      log10_p_familywise: familywise.log10p(layer.relabelled),
      log10_q_fdr: log10(fdr),
      log10_p_bonferroni: log10(strict),
    };
    at = end;
    return statistics;
  });
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
