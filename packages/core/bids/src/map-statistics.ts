import type { MapDescription, WholeMap } from '@galvani/results';
import { type NiftiIntent, narrowest } from './nifti.js';

/** A statistic of a map as an image. */
export interface ExportedStatistic {
  /** Label of the `stat` entity: `effect`, `variance`, `t`, `z`, `p`, `log10P`. */
  label: string;
  values: Float32Array | Float64Array;
  /** What it is, and its unit. */
  description: string;
  intent?: NiftiIntent;
}

const descriptions: Record<string, string> = {
  effect: "The contrast's estimate, in each unit's own units of activation.",
  variance: 'Sampling variance of the effect.',
  t: "The effect over its standard error. Units have degrees of freedom of their own where DegreesOfFreedom is 'per unit': compare units by z.",
  F: 'F of the contrast.',
  z: 'Normal deviate with the tail of t (the upper tail of F); not clipped.',
  log10_p: 'Base-10 logarithm of the p of this unit alone; two-sided for t.',
  d: "Cohen's d: the effect over the residual standard deviation of the observations.",
  d_lower: "Lower bound of the 95% interval of Cohen's d.",
  d_upper: "Upper bound of the 95% interval of Cohen's d.",
  relabelled: 'The statistic that log10_p_familywise is of, where it is none of the others.',
  partial_eta_squared: 'Partial eta squared of an F contrast.',
  log10_p_familywise:
    'Base-10 logarithm of p corrected over all units, by relabelling prompts with the maximum statistic.',
  log10_q_fdr: 'Base-10 logarithm of the false discovery rate over all units (Benjamini and Hochberg).',
  log10_p_bonferroni: 'Base-10 logarithm of p times the number of units.',
};

const ofAllTasks = ' The units of all tasks together are the family.';

/** `log10_p_familywise` as a label: `log10PFamilywise`. */
const labelOf = (statistic: string) => statistic.replaceAll(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());

function describe(statistic: string): string {
  const study = statistic.endsWith('_study');
  const plain = statistic.replace(/_study$/, '');
  return `${descriptions[plain] ?? `The column ${statistic} of the map.`}${study ? ofAllTasks : ''}`;
}

/**
 * A map's statistics as images: those that it has, and those that readers of statistic maps look for and that follow from them: p, and of the
 * maps of runs the variance.
 */
export function* exportedStatistics(
  map: Pick<WholeMap, 'statistics' | 'statistic'>,
  { df }: Pick<MapDescription, 'df'>,
): Generator<ExportedStatistic> {
  for (const name of map.statistics) {
    const intent = intentOf(name, df);
    yield {
      label: labelOf(name),
      values: narrowest(map.statistic(name)),
      description: describe(name),
      ...(intent && { intent }),
    };
  }
  const has = (name: string) => map.statistics.includes(name);
  if (has('log10_p'))
    yield {
      label: 'p',
      values: map.statistic('log10_p').map((value) => 10 ** value),
      description: '10 to the power of log10_p; 0 where that is below 5e-324, and log10_p is not.',
      intent: { code: 22 },
    };
  if (!has('variance') && has('effect') && has('t')) {
    const t = map.statistic('t');
    yield {
      label: 'variance',
      values: map.statistic('effect').map((effect, u) => (effect / t[u]) ** 2),
      description: `${descriptions.variance} Computed as (effect / t)^2 from float32; NaN where both are 0.`,
    };
  }
}

function intentOf(statistic: string, df: MapDescription['df']): NiftiIntent | undefined {
  if (statistic === 'z') return { code: 5 };
  // An intent of t needs the degrees of freedom, which are one number here or none.
  if (statistic === 't' && typeof df === 'number') return { code: 3, parameters: [df] };
  if (statistic === 'effect') return { code: 1001 };
  return statistic.startsWith('log10_p') ? { code: 24 } : undefined;
}
