import { planPermutations } from '../inference/permutation-plan.js';
import type { EffectModel } from '../task-effect/effect-model.js';
import { labelledSums } from './labelled-sums.js';
import { createStrongest } from './strongest-units.js';
import type { TaskPatterns } from './task-patterns.js';
import { tileUnits } from './tiled-units.js';

/** Networks of several tasks and the activity that they were formed from. */
export interface RelabelledOverlapOptions {
  /** A name for each task, of which its relabellings' stream of chance depends. */
  names: readonly string[];
  /** By task, of the same units. */
  patterns: readonly TaskPatterns[];
  /** For each task 1, -1 or 0 for each unit. */
  networks: readonly Int8Array[];
  /** For each unit 1 where it could be a member. */
  counted: Uint8Array;
  /** Of a fit to a task's runs. */
  model: EffectModel;
  /** Relabellings wanted, as in planPermutations. */
  count: number;
  seed: number;
  /** Called after some relabellings of a task with their number. */
  onRelabelled?: (relabellings: number) => void;
}

/** What networks of relabelled prompts share with the other tasks' networks. */
export interface RelabelledOverlap {
  /** Relabellings of each task. */
  count: number;
  /** Units shared with the same sign, [relabelled task x other task x count]. */
  same: Uint32Array;
  /** Units shared with opposite signs. */
  opposed: Uint32Array;
}

/**
 * Overlap by chance that keeps networks' sizes and what units have to do with each other: of one task the labels (task, rest) are permuted
 * among the prompts of each run, and of the t that this gives the largest are taken for its network, as many of each sign as it has. Each is
 * held against the other tasks' networks as they are. Through the network's own threshold hardly a unit of relabelled prompts would
 * pass, which would leave nothing to compare.
 *
 * Labels move as whole prompts within runs (Winkler et al., NeuroImage 92 (2014)).
 */
export async function relabelledOverlap(options: RelabelledOverlapOptions): Promise<RelabelledOverlap> {
  const { names, patterns, networks } = options;
  const plans = patterns.map(({ isTask, prompts }, a) =>
    planPermutations({
      labels: isTask,
      runs: Int32Array.from(isTask, (_, row) => Math.floor(row / prompts)),
      count: options.count,
      seed: `${options.seed} overlap ${names[a]}`,
    }),
  );
  const count = Math.min(...plans.map((plan) => plan.count));
  const [same, opposed] = [0, 1].map(() => new Uint32Array(networks.length ** 2 * count));
  const members = networks.map(membersOf);
  for (const [a, { isTask }] of patterns.entries()) {
    const [above, below] = [1, -1].map((sign) => networks[a].reduce((sum, own) => sum + (own === sign ? 1 : 0), 0));
    // Without a partner there is nothing to share.
    if (above + below === 0 || !members.some((others, b) => b !== a && others.length > 0)) continue;
    const labels = Float32Array.from(plans[a].source.subarray(0, count * isTask.length), (row) => isTask[row]);
    await eachRelabelled(patterns[a], labels, { ...options, above, below }, (chosen, r) => {
      for (const [b, others] of members.entries()) {
        if (a === b) continue;
        const network = networks[b];
        let alike = 0;
        let unlike = 0;
        for (let i = 0; i < others.length; i++) {
          const u = others[i];
          if (chosen[u] === network[u]) alike++;
          else if (chosen[u] !== 0) unlike++;
        }
        const at = (a * networks.length + b) * count + r;
        same[at] = alike;
        opposed[at] = unlike;
      }
    });
  }
  return { count, same, opposed };
}

/** Places of what is not 0. */
function membersOf(network: Int8Array): Int32Array {
  const found: number[] = [];
  for (let u = 0; u < network.length; u++) if (network[u] !== 0) found.push(u);
  return Int32Array.from(found);
}

/** Numbers of a block's sums that are in memory at a time, about, and of a tile of these, which stay in the processor's cache. */
const [blockSize, tileSize] = [2 ** 23, 2 ** 18];

/** Relabellings that tell how large t is before units are passed over. */
const leading = 8;

/** Visits the network of each relabelling: 1, -1 or 0 for each unit. */
async function eachRelabelled(
  patterns: TaskPatterns,
  labels: Float32Array,
  { counted, model, onRelabelled, ...most }: RelabelledOverlapOptions & { above: number; below: number },
  visit: (chosen: Int8Array, relabelling: number) => void,
): Promise<void> {
  const rows = patterns.isTask.length;
  const count = labels.length / rows;
  const block = Math.max(1, Math.min(count, Math.floor(blockSize / patterns.units)));
  const tiled = tileUnits(patterns, tileSize / block);
  const sums = labelledSums(tiled, block, model);
  const strongest = createStrongest(model, tiled.total, counted, most);
  for (let first = 0, own = leading; first < count; first += own, own = block) {
    own = Math.min(own, block, count - first);
    const floor = strongest.nextFloor();
    const drawn = await sums(labels.subarray(first * rows, (first + own) * rows), floor);
    for (let r = 0; r < own; r++) visit(strongest.choose(drawn, r, floor), first + r);
    onRelabelled?.(own);
  }
}
