import { corrections } from '@galvani/numerics';
import type { PermutationPlan } from '../inference/permutation-plan.js';
import { permutationT } from '../inference/permutation-test.js';
import { stepDown } from '../inference/step-down.js';
import type { UnitMatrix } from '../inference/unit-residuals.js';

/** Log10 of adjusted p of one family of units under one correction. */
export type CorrectedFamily = readonly [correction: string, log10p: Float64Array];

/** Every correction that looks at p alone, 'none' among them. */
export function correctByP(log10p: Float64Array): CorrectedFamily[] {
  const logP = log10p.map((log) => log * Math.LN10);
  return Object.entries(corrections).map(([name, correct]) => [name, correct(logP).map((log) => log / Math.LN10)]);
}

/**
 * Corrections by permutation: 'relabelling' is each unit's own p, the others are family-wise.
 *
 * @param stepped whether to do step-down too; where no unit has an effect it finds something exactly when 'maximum' does,
 *   since their smallest p are the same
 */
export async function correctByPermutation(
  means: UnitMatrix,
  units: number,
  plan: PermutationPlan,
  stepped: boolean,
): Promise<CorrectedFamily[]> {
  const single = await permutationT({ means, prompts: plan.rows, units, plan });
  return [
    ['relabelling', single.log10pUncorrected],
    ['maximum', single.log10pFamilywise],
    ...(stepped ? [['step-down maximum', await stepDown(means, plan)] as const] : []),
  ];
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
