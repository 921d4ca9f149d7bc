import { concatenate } from '@galvani/numerics';
import {
  contrastF,
  contrastT,
  type FContrastResult,
  type Fit,
  rowsOf,
  type TContrastResult,
} from '@galvani/statistics';
import type { PreparedGlm } from './prepared-glm.js';

/** A contrast of every unit. */
export type FittedContrast = (TContrastResult | FContrastResult) & {
  /** The statistic that permutations test, while their family is gathered. */
  permuted?: Float64Array;
};

/** What a fit says of every unit. */
export interface UnitStates {
  flags: Uint8Array;
  /** Residual variance, [units]. */
  dispersion: Float64Array;
}

/** A model fitted to some units. */
export interface FittedGlm extends UnitStates {
  df: number;
  /** By the names of the prepared contrasts. */
  contrasts: Map<string, FittedContrast>;
}

/** The contrasts of a finished estimator. */
export function evaluateFit({ contrasts }: PreparedGlm, fit: Fit): FittedGlm {
  const found = [...contrasts].map(([key, { kind, weights, name, limits }]) => {
    const contrast: FittedContrast =
      kind === 't' ? contrastT(fit, weights[0], name, { limits }) : contrastF(fit, weights, name);
    return [key, contrast] as const;
  });
  return { flags: fit.flags, dispersion: fit.dispersion, df: fit.df, contrasts: new Map(found) };
}

/** Permutes the prompts of some units. @param means of the model's prompts, [prompts x units] */
export async function permutePrompts(
  { contrasts }: PreparedGlm,
  fitted: FittedGlm,
  means: Float64Array,
): Promise<void> {
  for (const [name, { permutations }] of contrasts)
    if (permutations) {
      const units = fitted.flags.length;
      const { statistic } = await permutations.add(rowsOf(means, units, permutations.prompts));
      fitted.contrasts.get(name)!.permuted = statistic;
    }
}

/** One fit of several over units that follow one another: arrays are joined, the rest is the same in all. */
export function joinFits(parts: readonly FittedGlm[]): FittedGlm {
  if (parts.length === 1) return parts[0];
  const [{ df, contrasts }] = parts;
  const joined = [...contrasts.keys()].map((name) => {
    const own = parts.map((part) => part.contrasts.get(name)!);
    const entries = Object.entries(own[0]).map(([key, value]) => [
      key,
      value instanceof Float64Array ? concatenate(own.map((each) => each[key as never])) : value,
    ]);
    return [name, Object.fromEntries(entries) as FittedContrast] as const;
  });
  return {
    flags: concatenate(parts.map(({ flags }) => flags)),
    dispersion: concatenate(parts.map(({ dispersion }) => dispersion)),
    df,
    contrasts: new Map(joined),
  };
}

/** The state of a unit in several maps together: the worst of them. */
export function jointFlags(flags: readonly Uint8Array[]): Uint8Array {
  return flags[0].map((_, v) => Math.max(...flags.map((own) => own[v])));
}
