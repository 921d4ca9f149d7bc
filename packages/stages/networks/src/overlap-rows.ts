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
  signal?: AbortSignal;
}

/** How every two networks share units, beside what chance gives them. */
export async function overlapRows(
  networks: readonly Network[],
  patterns: readonly TaskPatterns[],
  { rule, model, seed, signal }: OverlapOptions,
): Promise<NetworkOverlap[]> {
  const found = networks.map((a) => networks.map((b) => overlapOf(a.members, b.members, a.sites)));
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
  const pairs = found.flat();
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
  return pairs.map((pair, at) => {
    const { membersA, membersB } = pair;
    const [a, b] = [Math.floor(at / names.length), at % names.length];
    const known = a !== b && defined[a] && defined[b];
    const interval = known ? diceInterval(pair.same, membersA + membersB, standardError[at]) : undefined;
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
      relabelled_dice: (2 * alike.expected[at]) / (membersA + membersB),
      p: alike.p[at],
      p_over_pairs: alike.familywise[at],
      opposed_p: unlike.p[at],
      opposed_p_over_pairs: unlike.familywise[at],
    };
  });
}
