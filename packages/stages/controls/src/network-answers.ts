import { type RandomStream, randomStream } from '@galvani/numerics';
import type { RowScores } from './answers.js';
import type { ByUnit } from './by-unit.js';
import type { ControlFold } from './harder-folds.js';
import type { PresentedPrompts } from './presented-prompts.js';
import { type Activity, beyondRest, promptCells, type RestLevel, trainingRest } from './prompt-cells.js';
import {
  type KnownMembers,
  type NetworkRule,
  networkScore,
  profileOf,
  type TaskNetwork,
  taskNetwork,
  taskProfile,
} from './task-networks.js';

/** Networks of all tasks that a fold's training prompts gave. */
export interface FoldNetworks {
  fold: ControlFold;
  rest: RestLevel;
  networks: (TaskNetwork | undefined)[];
}

/** Rule and threshold of each session held out and each task. */
export type ThresholdOf = (session: number, task: number) => NetworkRule;

/** A fold's networks, formed anew from its training prompts, with the profiles of all units that theirs are from, valid until the next fold's. */
export type FormedNetworks = FoldNetworks & { profiles: (ByUnit | undefined)[] };

/** Forms the networks of one fold after another; what folds have in common is worked out once for all of them. */
export function networkFormer(activity: Activity, prompts: PresentedPrompts, ruleOf: ThresholdOf) {
  const cells = promptCells(activity, prompts);
  const members: KnownMembers = new Map();
  return (fold: ControlFold): FormedNetworks => {
    const own = cells.of(fold.training);
    const rest = trainingRest(own, activity.units);
    const profiles = prompts.tasks.map((_, task) => taskProfile(own, task, rest, activity.units));
    const networks = profiles.map((profile, task) =>
      taskNetwork(own, task, ruleOf(fold.session, task), profile, members),
    );
    return { fold, rest, networks, profiles };
  };
}

/** Patterns of rows in standard deviations of rest. */
export const patternsOf = ({ values, units }: Activity, rest: RestLevel, rows: Int32Array): ByUnit[] =>
  Array.from(rows, (row) => (unit) => beyondRest(rest, values[row * units + unit], unit));

/** How well patterns of rows match each task's network, [rows x tasks]. */
export function scoresOf(
  patterns: readonly ByUnit[],
  networks: readonly (TaskNetwork | undefined)[],
  rows: Int32Array,
): RowScores {
  const scores = patterns.flatMap((pattern) => networks.map((network) => networkScore(network, pattern)));
  return { rows, scores: Float64Array.from(scores) };
}

/**
 * Random networks: as many units in each site as a network has members, with their own profiles. What any units say.
 *
 * @param unitsOf the units of each site that networks count; `siteOf` each unit's site; `order` memory of as many numbers, which is overwritten
 */
export function randomNetworks(
  { networks, profiles }: FormedNetworks,
  { siteOf, unitsOf, order }: { siteOf: Int32Array; unitsOf: readonly Int32Array[]; order: Int32Array },
  stream: RandomStream,
): (TaskNetwork | undefined)[] {
  return networks.map((network, task) => {
    if (!network) return undefined;
    const sizes = new Map<number, number>();
    for (const u of network.members) sizes.set(siteOf[u], (sizes.get(siteOf[u]) ?? 0) + 1);
    const members = new Int32Array(network.members.length);
    let at = 0;
    for (const [site, size] of sizes) {
      const own = order.subarray(0, unitsOf[site].length);
      own.set(unitsOf[site]);
      stream.shuffle(own);
      members.set(own.subarray(0, size), at);
      at += size;
    }
    members.sort();
    return { members, profile: profileOf(members, profiles[task]!) };
  });
}

/** Streams of the draws of random networks. */
export const randomNetworkStream = (seed: number, draw: number, fold: number): RandomStream =>
  randomStream(seed, 'controls', 'random networks', draw, fold);
