import type { NetworkSpecificity, UnitSelectivity } from '@galvani/artifact';
import { benjaminiHochberg, tLogTwoSided } from '@galvani/numerics';
import {
  type EffectModel,
  effectModel,
  type RunSums,
  strongestCut,
  type TaskPatterns,
  taskEffect,
  type VarianceRule,
} from '@galvani/statistics';
import { expectedUnits } from './intersections.js';
import type { Network } from './network-table.js';

/** Whether members respond to their task more than to the other tasks, each against the rest of its own runs. */
export function specificityOf(
  networks: readonly Network[],
  patterns: readonly TaskPatterns[],
  { variance, alpha }: { variance: VarianceRule; alpha: number },
): { specificity: NetworkSpecificity[]; selectivity: UnitSelectivity[] } {
  if (networks.length < 2) return { specificity: [], selectivity: [] };
  const [{ task, prompts, sums }] = patterns;
  const design = { task, rest: prompts - task, runs: sums.length };
  const model = effectModel(design, variance);
  const effects = patterns.map((own) => unitEffects(model, own.sums));
  const selectivity: UnitSelectivity[] = [];
  const specificity = networks.map((network, a): NetworkSpecificity => {
    const others = effects.filter((_, b) => b !== a);
    const rows = network.units.map(({ site, kind, layer, unit }, i): UnitSelectivity => {
      const at = network.places[i];
      const networksOf = networks.filter(({ members }) => members[at] !== 0).length;
      return {
        ...{ task: network.task, site, kind, layer, unit, networks: networksOf },
        ...selectivityAt(effects[a], others, at),
      };
    });
    selectivity.push(...rows);
    const own = rows.filter((row) => row.networks === 1).length;
    const p = benjaminiHochberg(Float64Array.from(rows, ({ log10_p }) => log10_p * Math.LN10));
    const limit = Math.log(alpha) + 1e-12;
    return {
      task: network.task,
      members: rows.length,
      own,
      own_share: own / rows.length,
      expected_own: expectedUnits(networks, [a]),
      selective: rows.filter(({ selectivity }, i) => selectivity > 0 && p[i] <= limit).length,
      selectivity: median(rows.map((row) => row.selectivity)),
      held_out_selective: heldOutShare(network, patterns, a, variance),
    };
  });
  return { specificity, selectivity };
}

interface UnitEffects {
  effect: Float64Array;
  variance: Float64Array;
  df: Float64Array;
}

/** NaN for units that do not vary. */
function unitEffects(model: EffectModel, runs: readonly RunSums[]): UnitEffects {
  const { effect, t, df } = taskEffect(model, runs);
  return { effect, variance: effect.map((value, u) => (value / t[u]) ** 2), df };
}

/** The task's effect against the mean of the others'; tasks are of different prompts, so that variances add. */
function selectivityAt(own: UnitEffects, others: readonly UnitEffects[], at: number) {
  const n = others.length;
  const effect = own.effect[at];
  const others_effect = others.reduce((sum, other) => sum + other.effect[at], 0) / n;
  const parts = [own, ...others].map((each, k) => ({
    variance: each.variance[at] / (k === 0 ? 1 : n * n),
    df: each.df[at],
  }));
  const variance = parts.reduce((sum, part) => sum + part.variance, 0);
  const df = variance ** 2 / parts.reduce((sum, part) => sum + part.variance ** 2 / part.df, 0);
  const t = (effect - others_effect) / Math.sqrt(variance);
  return {
    effect,
    others_effect,
    selectivity: (Math.sign(effect) * (effect - others_effect)) / (Math.abs(effect) + Math.abs(others_effect)),
    t,
    log10_p: tLogTwoSided(t, df) / Math.LN10,
  };
}

/** See `held_out_selective`. */
function heldOutShare(network: Network, patterns: readonly TaskPatterns[], a: number, variance: VarianceRule): number {
  const [{ task, prompts, sums }] = patterns;
  if (sums.length < 2 || network.units.length === 0) return Number.NaN;
  const model = effectModel({ task, rest: prompts - task, runs: sums.length - 1 }, variance);
  const [above, below] = [1, -1].map((sign) => network.members.filter((own) => own === sign).length);
  let [exceeding, chosen] = [0, 0];
  for (let session = 0; session < sums.length; session++) {
    const training = patterns[a].sums.filter((_, s) => s !== session);
    const { t } = taskEffect(model, training);
    for (const [u, counted] of network.countedUnits.entries()) if (!counted) t[u] = Number.NaN;
    const [least, most] = [
      strongestCut(t, above),
      -strongestCut(
        t.map((value) => -value),
        below,
      ),
    ];
    for (let u = 0; u < t.length; u++) {
      const sign = t[u] >= least ? 1 : t[u] <= most ? -1 : 0;
      if (sign === 0) continue;
      chosen++;
      const others = patterns.reduce((sum, own, b) => sum + (b === a ? 0 : own.sums[session].sum[u]), 0);
      if (sign * (patterns[a].sums[session].sum[u] - others / (patterns.length - 1)) > 0) exceeding++;
    }
  }
  return exceeding / chosen;
}

function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}
