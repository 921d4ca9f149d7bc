import { benjaminiHochberg, bonferroni } from '@galvani/numerics';

/** How a network's threshold accounts for many units. */
export interface Correction {
  /** Column of a map that holds its p, as a base-10 logarithm. */
  column: string;
  /** Adjusts a whole family by p alone; `familywise` permutes instead, and `none` does nothing. Natural logarithms. */
  adjust?(logP: Float64Array): Float64Array;
  /** p at which a unit passes, where that depends on the number of units tested alone. */
  level?(alpha: number, tested: number): number;
  /** What it promises at the error rate `alpha`, which is given in words. */
  promise(alpha: string): string;
}

/** The corrections that a study may name. */
export const corrections = {
  familywise: {
    column: 'log10_p_familywise',
    promise: (alpha) =>
      `Family-wise error is controlled at ${alpha} for each task: were there no difference between on and off in any unit, a network would have one or more members in ${alpha} of studies. The threshold comes from relabelling whole prompts as task or rest inside their run and keeping the largest |t| of all units each time, which accounts for how units depend on each other.`,
  },
  fdr: {
    column: 'log10_q_fdr',
    adjust: benjaminiHochberg,
    promise: (alpha) =>
      `The false discovery rate is controlled at ${alpha} (Benjamini and Hochberg): of the members of a network, at most that share is expected to be false.`,
  },
  bonferroni: {
    column: 'log10_p_bonferroni',
    adjust: (logP) => bonferroni(logP),
    level: (alpha, tested) => alpha / tested,
    promise: (alpha) =>
      `Family-wise error is controlled at ${alpha} by dividing it by the number of units (Bonferroni), which is stricter than needed where units depend on each other.`,
  },
  none: {
    column: 'log10_p',
    level: (alpha) => alpha,
    promise: (alpha) =>
      `The threshold is not corrected: with no effect anywhere, about ${alpha} of all units would still be members of each network.`,
  },
} as const satisfies Record<string, Correction>;

export type CorrectionName = keyof typeof corrections;
export const correctionNames = Object.keys(corrections) as CorrectionName[];
export const correctionOf = (name: CorrectionName): Correction => corrections[name];
