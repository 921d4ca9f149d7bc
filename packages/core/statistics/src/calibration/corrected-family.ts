import { corrections } from '@galvani/numerics';
import { maximumNull } from '../inference/maximum-statistic.js';
import type { PermutationPlan } from '../inference/permutation-plan.js';
import { stepDown } from '../inference/step-down.js';
import type { UnitMatrix } from '../inference/unit-residuals.js';

/** Log10 of adjusted p of one family of units under one correction. */
export type CorrectedFamily = readonly [correction: string, log10p: Float64Array];

/** Every correction that looks at p alone, 'none' among them. */
export function correctByP(log10p: Float64Array): CorrectedFamily[] {
  const logP = log10p.map((log) => log * Math.LN10);
  return Object.entries(corrections).map(([name, correct]) => [name, correct(logP).map((log) => log / Math.LN10)]);
}

/** What corrections by permutation are asked for; all default to false. */
export interface PermutedCorrections {
  /** Each unit's own p, 'relabelling'. */
  readonly single?: boolean;
  /**
   * Step-down too, where the statistic is pooled. Where no unit has an effect it finds something exactly when 'maximum' does, since
   * their smallest p are the same.
   */
  readonly stepped?: boolean;
  /** Where nothing is found at 5%, p need not be exact. */
  readonly findingsAlone?: boolean;
}

/** Corrections by permutation: 'relabelling' is each unit's own p, the others are family-wise. */
export async function correctByPermutation(
  means: UnitMatrix,
  plan: PermutationPlan,
  { single = false, stepped = false, findingsAlone = false }: PermutedCorrections,
): Promise<CorrectedFamily[]> {
  const { log10pUncorrected, log10pFamilywise } = await testFamily(plan, means, findingsAlone, single);
  return [
    ...(log10pUncorrected ? [['relabelling', log10pUncorrected] as const] : []),
    ['maximum', log10pFamilywise],
    ...(stepped && !plan.conditions ? [['step-down maximum', await stepDown(means, plan)] as const] : []),
  ];
}

/** Units of one family, tested by relabelling. */
export interface TestedFamily {
  /** As of maximumNull. */
  readonly statistic: Float64Array;
  readonly degreesOfFreedom: number;
  readonly df?: Float64Array;
  readonly log10pFamilywise: Float64Array;
  readonly log10pUncorrected?: Float64Array;
}

/**
 * @param findingsAlone whether the wild bootstrap, most of the work, is left out where nothing is found without it: it raises p, as its
 *   ratio is never above 1
 */
export async function testFamily(
  plan: PermutationPlan,
  means: UnitMatrix,
  findingsAlone: boolean,
  uncorrected = false,
): Promise<TestedFamily> {
  const test = async (own: PermutationPlan) => {
    const gathered = maximumNull(own, { uncorrected });
    const found = await gathered.add(means);
    const log10pFamilywise = gathered.finish().log10p(found.statistic);
    return { ...found, degreesOfFreedom: gathered.degreesOfFreedom, log10pFamilywise };
  };
  if (!findingsAlone || !plan.wild) return test(plan);
  const without = await test({ ...plan, wild: undefined });
  return countFound(without.log10pFamilywise, 0.05) > 0 ? test(plan) : without;
}

/** Whether a correction claims something about the whole family, not about a single unit. */
export function correctsFamily(correction: string): boolean {
  return correction !== 'none' && correction !== 'relabelling';
}

/** Number of units whose p is at most `level`. */
export function countFound(log10p: Float64Array, level: number): number {
  const limit = Math.log10(level) + 1e-12;
  let count = 0;
  for (const log of log10p) if (log <= limit) count++;
  return count;
}
