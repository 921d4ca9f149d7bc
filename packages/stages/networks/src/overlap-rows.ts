import type { NetworkOverlap } from '@galvani/artifact';
import { effectSign } from '@galvani/results';
import {
  diceInterval,
  type EffectModel,
  overlapTest,
  relabelledOverlap,
  resampledOverlap,
  type TaskPatterns,
} from '@galvani/statistics';
import type { StageParameters } from '@galvani/study';
import { startProgress } from '@galvani/terminal';
import type { Network } from './network-table.js';
import { overlapOf } from './overlap.js';

/** Relabellings of each task's prompts for p, which is at least 1 / 1,000. */
export const relabellings = 999;
/** Resamples of prompts for the standard error behind an interval, which they tell to about 5%. */
const resamples = 200;

export interface OverlapOptions {
  rule: StageParameters['networks'];
  model: EffectModel;
  seed: number;
  /** Whether runs of different tasks show the same rest prompts. */
  restShared: boolean;
  signal?: AbortSignal;
}

/**
 * How every two networks share units, beside what chance gives them. Networks whose runs share their rest have its noise in common, which
 * relabelling each alone does not give: nothing is said of chance then but for members placed independently.
 */
export async function overlapRows(
  networks: readonly Network[],
  patterns: readonly TaskPatterns[],
  options: OverlapOptions,
): Promise<NetworkOverlap[]> {
  const found = networks.map((a) => networks.map((b) => overlapOf(a.members, b.members, a.sites)));
  const names = networks.map(({ task }) => task);
  const pairs = found.flat();
  const chance = options.restShared ? undefined : await relabelledChance(networks, patterns, pairs, options);
  return pairs.map((pair, at) => {
    const { membersA, membersB } = pair;
    const [a, b] = [Math.floor(at / names.length), at % names.length];
    const known = chance && a !== b && membersA > 0 && membersB > 0;
    const interval = known ? diceInterval(pair.same, membersA + membersB, chance.standardError[at]) : undefined;
    const of = (values?: Float64Array) => values?.[at] ?? Number.NaN;
    return {
      task_a: names[a],
      task_b: names[b],
      members_a: membersA,
      members_b: membersB,
      same: pair.same,
      opposed: pair.opposed,
      dice: pair.dice,
      lower: interval?.lower ?? Number.NaN,
      upper: interval?.upper ?? Number.NaN,
      opposed_dice: pair.opposedDice,
      jaccard: pair.jaccard,
      expected_dice: pair.expectedDice,
      expected_opposed_dice: pair.expectedOpposedDice,
      relabelled_dice: (2 * of(chance?.alike.expected)) / (membersA + membersB),
      p: of(chance?.alike.p),
      p_over_pairs: of(chance?.alike.familywise),
      opposed_p: of(chance?.unlike.p),
      opposed_p_over_pairs: of(chance?.unlike.familywise),
    };
  });
}

/** What relabelled prompts give every pair, and how uncertain its overlap is. */
async function relabelledChance(
  networks: readonly Network[],
  patterns: readonly TaskPatterns[],
  pairs: readonly Pick<ReturnType<typeof overlapOf>, 'same' | 'opposed'>[],
  { rule, model, seed, signal }: OverlapOptions,
) {
  const names = networks.map(({ task }) => task);
  const sizes = networks.map(({ units }) => units.length);
  const [{ countedUnits: counted }] = networks;
  const shared = { names, patterns, counted, model, seed };
  const progress = (label: string, total: number, unit: string) => {
    const shown = startProgress(label, total, unit);
    const on = (done: number) => {
      signal?.throwIfAborted();
      shown.advance(done);
    };
    return { on, finish: () => shown.finish() };
  };
  const relabelling = progress('networks: relabelling prompts', relabellings * names.length, 'relabellings');
  const members = networks.map((own) => own.members);
  const options = { ...shared, networks: members, count: relabellings, onRelabelled: relabelling.on };
  const { count, same, opposed } = await relabelledOverlap(options);
  relabelling.finish();
  const resampling = progress('networks: resampling prompts', counted.length, 'units');
  const signOf = (d: number) => effectSign(d, rule);
  const { standardError } = await resampledOverlap({
    ...{ ...shared, sizes, signOf, count: resamples },
    onResampled: resampling.on,
  });
  resampling.finish();
  const defined = sizes.map((size) => size > 0);
  const alike = overlapTest(
    pairs.map((pair) => pair.same),
    same,
    count,
    defined,
  );
  const unlike = overlapTest(
    pairs.map((pair) => pair.opposed),
    opposed,
    count,
    defined,
  );
  return { alike, unlike, standardError };
}
