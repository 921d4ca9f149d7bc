import {
  type NetworkConjunction,
  type NetworkIntersection,
  type NetworkOverlap,
  type NetworkSpecificity,
  networkConjunctionTable,
  networkIntersectionTable,
  networkOverlapTable,
  networkSpecificityTable,
  type Reliability,
  type UnitSelectivity,
  unitSelectivityTable,
} from '@galvani/artifact';
import { membership, type Results } from '@galvani/results';
import { effectModel } from '@galvani/statistics';
import type { StageParameters } from '@galvani/study';
import { conjunctionRow } from './conjunction-row.js';
import { intersectionsOf } from './intersections.js';
import type { Network } from './network-table.js';
import { overlapRows } from './overlap-rows.js';
import { promptHalfRows } from './prompt-halves.js';
import { specificityOf } from './specificity.js';
import { readTaskActivity } from './task-activity.js';

/** Units that networks have in common, and those that they have not. */
export interface NetworkSharing {
  overlap: NetworkOverlap[];
  intersections: NetworkIntersection[];
  specificity: NetworkSpecificity[];
  selectivity: UnitSelectivity[];
  conjunctions: NetworkConjunction[];
  /** Whether runs of different tasks show the same rest prompts, so that overlap is not tested. */
  restShared: boolean;
  /** Rows of `reliability.parquet`, which are of the same activity. */
  promptHalves: Reliability[];
}

export interface SharingOptions {
  rule: StageParameters['networks'];
  fit: StageParameters['glm'];
  signal?: AbortSignal;
}

/** @param networks of all tasks */
export async function networkSharing(
  networks: readonly Network[],
  results: Results,
  { rule, fit, signal }: SharingOptions,
): Promise<NetworkSharing> {
  const tasks = networks.map(({ task }) => task);
  const patterns = await readTaskActivity(results, tasks, signal);
  const [{ task, prompts, sums }] = patterns;
  const model = effectModel({ task, rest: prompts - task, runs: sums.length }, fit.variance);
  const restShared = await sharesRest(results);
  const conjunctions: NetworkConjunction[] = [];
  const asked = new Map(fit.conjunctions ?? []);
  for (const { name, contrast } of results.glm!.maps.filter(({ kind }) => kind === 'conjunction')) {
    const own = networks.filter((network) => asked.get(contrast)?.includes(network.task));
    conjunctions.push(conjunctionRow(contrast, membership(await results.map(name), rule), own));
  }
  return {
    restShared,
    overlap: await overlapRows(networks, patterns, { rule, model, seed: fit.seed, restShared, signal }),
    intersections: intersectionsOf(networks),
    ...specificityOf(networks, patterns, { variance: fit.variance, alpha: rule.alpha }),
    conjunctions,
    promptHalves: promptHalfRows(tasks, patterns, networks[0].countedUnits, fit.variance),
  };
}

/** Whether runs show the same prompts in their off blocks. */
async function sharesRest({ runs, events }: Results): Promise<boolean> {
  const seen = new Set<string>();
  for (const run of runs)
    for (const { prompt_id } of (await events(run)) ?? []) {
      if (seen.has(prompt_id)) return true;
      seen.add(prompt_id);
    }
  return false;
}

/** @param place of a file in the stage's folder */
export async function writeSharing(place: (name: string) => string, sharing: NetworkSharing): Promise<void> {
  await networkOverlapTable.write(place('overlap.parquet'), sharing.overlap);
  await networkIntersectionTable.write(place('intersections.parquet'), sharing.intersections);
  await networkSpecificityTable.write(place('specificity.parquet'), sharing.specificity);
  await unitSelectivityTable.write(place('selectivity.parquet'), sharing.selectivity);
  await networkConjunctionTable.write(place('conjunctions.parquet'), sharing.conjunctions);
}
