import type { FamilywiseNull, Tail } from './familywise-null.js';
import { maximumNull } from './maximum-statistic.js';
import type { PermutationPlan } from './permutation-plan.js';
import type { Precision } from './row-products.js';
import { stepDown } from './step-down.js';
import type { UnitMatrix } from './unit-residuals.js';

/** A permutation test of all units of one family at once. */
export interface PermutationTest {
  /** Log10 of each unit's own permutation p; NaN for units that cannot be tested. [V] */
  readonly log10pUncorrected: Float64Array;
  /** Log10 of each unit's family-wise p by the maximum statistic (step-down if asked for). [V] */
  readonly log10pFamilywise: Float64Array;
  /** The most extreme statistic over units under each permutation. [m] */
  readonly maximumNull: Float64Array;
  /** The null distribution of the maximum, for thresholds. */
  readonly familywise: FamilywiseNull;
  /** Residual degrees of freedom of the statistic. */
  readonly degreesOfFreedom: number;
}

/** What the permutation tests take. */
export interface PermutationTestOptions {
  /** [B x V] row-major: a row per prompt (or session) in the plan's order, a column per unit. */
  readonly means: UnitMatrix;
  /** Number of prompts B (checked against the plan). */
  readonly prompts: number;
  /** Number of units V (checked against the matrix). */
  readonly units: number;
  readonly plan: PermutationPlan;
  /** Direction, default 'two'. */
  readonly tail?: Tail;
  /** Whether family-wise p are step-down, default false; not for plans with conditions. */
  readonly stepDown?: boolean;
  /** Number type of the product; see TestOptions. */
  readonly precision?: Precision;
}

/**
 * t of one regressor for every unit, with p by permutation: units' own, and family-wise by the maximum statistic.
 *
 * t is that of least squares of prompt means on the regressor and the nuisance regressors; with a plan that has conditions, the normal
 * deviate of Welch's t.
 * For a family that does not fit in memory see maximumNull.
 *
 * @example
 * const plan = planPermutations({ labels: [1, 1, 0, 0], runs: new Int32Array(4), count: 1000, seed: 1 });
 * const { t } = await permutationT({ means: Float64Array.of(3, 5, 1, 2), prompts: 4, units: 1, plan }); // [2.2361]
 */
export async function permutationT(options: PermutationTestOptions): Promise<PermutationTest & { t: Float64Array }> {
  if (options.plan.columns !== 1)
    throw new RangeError(`the plan tests ${options.plan.columns} regressors together: use permutationF`);
  const { statistic, ...test } = await permute(options);
  return { t: statistic, ...test };
}

/** F of the plan's regressors taken together, with p by permutation as in permutationT. For one regressor F is t squared. */
export async function permutationF(
  options: Omit<PermutationTestOptions, 'tail'>,
): Promise<PermutationTest & { F: Float64Array }> {
  const { statistic, ...test } = await permute({ ...options, tail: 'two' });
  if (options.plan.columns > 1) return { F: statistic, ...test };
  const square = (values: Float64Array) => values.map((value) => value * value);
  const { familywise } = test;
  return {
    ...test,
    F: square(statistic),
    maximumNull: square(test.maximumNull),
    familywise: {
      ...familywise,
      tail: 'greater',
      maxima: square(familywise.maxima),
      log10p: (F) => familywise.log10p(F.map(Math.sqrt)),
      threshold: (alpha) => familywise.threshold(alpha) ** 2,
    },
  };
}

/** One-sample t over sessions, with p by sign flips; the plan comes from planSignFlips. */
export function signFlipT(options: PermutationTestOptions): Promise<PermutationTest & { t: Float64Array }> {
  if (!options.plan.signs) throw new RangeError('signFlipT takes a plan made by planSignFlips');
  return permutationT(options);
}

async function permute(options: PermutationTestOptions): Promise<PermutationTest & { statistic: Float64Array }> {
  const { means, prompts, units, plan, tail, precision } = options;
  if (prompts !== plan.rows || means.length !== prompts * units)
    throw new RangeError(
      `means has ${means.length} values for ${prompts} prompts and ${units} units, and the plan ${plan.rows} rows`,
    );
  const gathered = maximumNull(plan, { tail, precision, uncorrected: true });
  const { statistic, log10pUncorrected } = await gathered.add(means);
  const familywise = gathered.finish();
  const log10pFamilywise = options.stepDown
    ? await stepDown(means, plan, { tail, precision })
    : familywise.log10p(statistic);
  return {
    statistic,
    log10pUncorrected: log10pUncorrected!,
    log10pFamilywise,
    maximumNull: familywise.maxima,
    familywise,
    degreesOfFreedom: gathered.degreesOfFreedom,
  };
}
