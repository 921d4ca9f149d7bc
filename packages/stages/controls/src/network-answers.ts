import { type Baseline, deviationFromRest } from '@galvani/identification';
import { type RandomStream, randomStream } from '@galvani/numerics';
import type { RowScores } from './answers.js';
import type { ControlFold } from './harder-folds.js';
import type { PresentedPrompts } from './presented-prompts.js';
import {
  type Activity,
  type KnownMembers,
  type NetworkRule,
  networkScore,
  profileOf,
  type TaskNetwork,
  taskNetwork,
  taskRows,
  trainingRest,
} from './task-networks.js';

/** Networks of all tasks that a fold's training prompts gave. */
export interface FoldNetworks {
  fold: ControlFold;
  rest: Baseline;
  networks: (TaskNetwork | undefined)[];
}

/** Rule and threshold of each session held out and each task. */
export type ThresholdOf = (session: number, task: number) => NetworkRule;

/** A fold's networks, formed anew from its training prompts. */
export function foldNetworks(
  activity: Activity,
  prompts: PresentedPrompts,
  fold: ControlFold,
  ruleOf: ThresholdOf,
  known?: KnownMembers,
): FoldNetworks {
  const rest = trainingRest(activity, prompts, fold.training);
  const networks = prompts.tasks.map((_, task) =>
    taskNetwork(activity, prompts, fold.training, task, ruleOf(fold.session, task), rest, known),
  );
  return { fold, rest, networks };
}

/** How well rows match each task's network, [rows x tasks]. */
export function scoresOf({ values, units }: Activity, { rest, networks }: FoldNetworks, rows: Int32Array): RowScores {
  const tasks = networks.length;
  const scores = new Float64Array(rows.length * tasks);
  for (const [i, row] of rows.entries())
    for (const [task, network] of networks.entries())
      scores[i * tasks + task] = networkScore(network, (u) => deviationFromRest(rest, values[row * units + u], u));
  return { rows, scores };
}

/**
 * The same with random units in place of members, as many in each site, and their own profiles: what any units say.
 *
 * @param siteOf each unit's site; `counted` 1 for units that networks count
 */
export function randomScores(
  activity: Activity,
  prompts: PresentedPrompts,
  found: FoldNetworks,
  { siteOf, counted }: { siteOf: Int32Array; counted: Uint8Array },
  stream: RandomStream,
): RowScores {
  const { rest, networks, fold } = found;
  const bySite = new Map<number, number[]>();
  for (const [u, site] of siteOf.entries()) {
    if (counted[u] === 0) continue;
    const own = bySite.get(site) ?? [];
    bySite.set(site, own);
    own.push(u);
  }
  const drawn = networks.map((network, task): TaskNetwork | undefined => {
    if (!network) return undefined;
    const sizes = new Map<number, number>();
    for (const u of network.members) sizes.set(siteOf[u], (sizes.get(siteOf[u]) ?? 0) + 1);
    const members = Int32Array.from(
      [...sizes].flatMap(([site, size]) => stream.shuffled(bySite.get(site) ?? []).slice(0, size)),
    ).sort();
    return { members, profile: profileOf(activity, members, taskRows(prompts, fold.training, task), rest) };
  });
  return scoresOf(activity, { ...found, networks: drawn }, fold.heldOut);
}

/** Streams of the draws of random networks. */
export const randomNetworkStream = (seed: number, draw: number, fold: number): RandomStream =>
  randomStream(seed, 'controls', 'random networks', draw, fold);
