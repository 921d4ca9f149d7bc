import { benjaminiHochberg, bonferroni } from '@galvani/numerics';

/** What a threshold accounts for: the units of one map, or those of the maps of all tasks. */
export type Family = 'task' | 'study';
export const families = ['task', 'study'] as const satisfies readonly Family[];

/**
 * Kinds of maps of which there is one for each task, so that they can be corrected over tasks. A contrast or conjunction is a question
 * of its own, whatever the family.
 */
export const kindsOverTasks: readonly string[] = ['task', 'second-level'];

/** How a network's threshold accounts for many units. */
export interface Correction {
  /** Column of a map that holds its p for the map's own units, as a base-10 logarithm. */
  column: string;
  /** Adjusts a whole family by p alone; `familywise` permutes instead, and `none` does nothing. Natural logarithms. */
  adjust?(logP: Float64Array): Float64Array;
  /** p at which a unit passes, where that depends on the number of units tested (in all maps of the family) alone. */
  level?(alpha: number, tested: number): number;
  /** What it promises for a family at the error rate `alpha`, which is given in words. */
  promise(alpha: string, family: Family): string;
}

const over: Record<Family, string> = { task: 'for each task', study: 'over all tasks together' };

/** The corrections that a study may name. */
export const corrections = {
  familywise: {
    column: 'log10_p_familywise',
    promise: (alpha, family) =>
      `Family-wise error is controlled at ${alpha} ${over[family]}: were there no difference between on and off in any unit, ${family === 'task' ? 'a network would have one or more members' : 'one or more networks would have members'} in ${alpha} of studies. The threshold comes from relabelling whole prompts as on or off inside their run and keeping the most extreme statistic of all units${family === 'task' ? '' : ' of all tasks'} each time, which accounts for how units depend on each other.`,
  },
  fdr: {
    column: 'log10_q_fdr',
    adjust: benjaminiHochberg,
    promise: (alpha, family) =>
      `The false discovery rate is controlled at ${alpha} ${over[family]} (Benjamini and Hochberg): of the members of ${family === 'task' ? 'a network' : 'all networks'}, at most that share is expected to be false.`,
  },
  bonferroni: {
    column: 'log10_p_bonferroni',
    adjust: (logP) => bonferroni(logP),
    level: (alpha, tested) => alpha / tested,
    promise: (alpha, family) =>
      `Family-wise error is controlled at ${alpha} ${over[family]} by dividing it by the number of units${family === 'task' ? '' : ' times that of tasks'} (Bonferroni), which is stricter than needed where units depend on each other.`,
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

/**
 * Column of a map that holds the p of a correction over a family.
 *
 * @example correctionColumn('fdr', 'study') // 'log10_q_fdr_study'
 */
export const correctionColumn = (name: CorrectionName, family: Family): string =>
  correctionOf(name).column + (family === 'study' && name !== 'none' ? '_study' : '');
