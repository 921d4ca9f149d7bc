import { randomStream } from '@galvani/numerics';
import type { EffectModel, UnitEffect } from '../task-effect/effect-model.js';
import { drawPrompts } from './drawn-prompts.js';
import { resampleScreen } from './resample-screen.js';
import { resampleMemory } from './resampled-products.js';
import { eachResample, type ResampledSums } from './resampled-sums.js';
import { strongestCut } from './strongest-cut.js';
import type { TaskPatterns } from './task-patterns.js';
import { tooManyToPass } from './unit-groups.js';

/** Networks of several tasks and the activity that they were formed from. */
export interface ResampledOverlapOptions {
  /** A name for each task, of which its stream of chance depends. */
  names: readonly string[];
  /** By task, of the same units. */
  patterns: readonly TaskPatterns[];
  /** Number of members of each. */
  sizes: readonly number[];
  /** For each unit 1 where it could be a member. */
  counted: Uint8Array;
  model: EffectModel;
  /** 1, -1 or, where an effect (Cohen's d) makes no member, 0. */
  signOf: (d: number) => number;
  /** Number of resamples. */
  count: number;
  seed: number;
  /** Called after some units of all tasks with their number. */
  onResampled?: (units: number) => void;
}

/** How far the overlap of each pair would move with other prompts of the same kind. */
export interface ResampledOverlap {
  /** Standard error of the log odds of same-sign Dice (logOdds), [tasks x tasks]; NaN on the diagonal. */
  standardError: Float64Array;
}

/** Units of all draws that are in memory at a time, about: their products stay in the processor's cache. */
const tileSize = 2 ** 16;

/**
 * Prompts are drawn anew with replacement within their run and condition (stratified bootstrap), and of each draw networks are formed by the
 * |t| that the network's last member and no other unit reaches. Deviations from a condition's mean are scaled by sqrt(n / (n - 1)), without which few prompts
 * drawn would vary too little (Davison and Hinkley 1997, section 3.2).
 */
export async function resampledOverlap(options: ResampledOverlapOptions): Promise<ResampledOverlap> {
  const { names, patterns, sizes, model, count, seed, onResampled } = options;
  const tasks = patterns.length;
  const drawn = names.map((name, a) =>
    drawPrompts(patterns[a], count, randomStream(seed, 'networks', 'resample', name)),
  );
  const partnered = sizes.filter((size) => size > 0).length > 1;
  // A network without a partner is left empty.
  const cuts = patterns.map((own, a) => (partnered ? ownCut(own, sizes[a], options) : Number.POSITIVE_INFINITY));
  const screens = patterns.map((own, a) =>
    sizes[a] < tooManyToPass * own.units && cuts[a] > 0 && cuts[a] < Number.POSITIVE_INFINITY
      ? resampleScreen(own, drawn[a], model, cuts[a])
      : undefined,
  );
  const [{ units, prompts, sums }] = patterns;
  const memory = resampleMemory({ runs: sums.length, prompts, draws: count, units: Math.min(units, tileSize / count) });
  const { width } = memory;
  const networks = patterns.map(() => emptyNetwork(count * width));
  /** Of each draw, [tasks x count] and [tasks x tasks x count]. */
  const members = new Uint32Array(tasks * count);
  const same = new Uint32Array(tasks * tasks * count);
  for (let from = 0; from < units; from += width) {
    const until = Math.min(units, from + width);
    for (const [a, own] of patterns.entries()) {
      const network = networks[a];
      clear(network);
      if (cuts[a] === Number.POSITIVE_INFINITY) continue;
      const visit = (sums: ResampledSums, draw: number) =>
        markMembers(network, draw * width + sums.first - from, sums, { ...options, cut: cuts[a] });
      await eachResample(own, drawn[a], [from, until], memory, visit, screens[a]);
    }
    countShared(networks, width, members, same);
    onResampled?.(until - from);
  }
  const standardError = new Float64Array(tasks * tasks).fill(Number.NaN);
  for (let a = 0; a < tasks; a++)
    for (let b = 0; b < a; b++) {
      const odds = Float64Array.from({ length: count }, (_, i) =>
        logOdds(same[(a * tasks + b) * count + i], members[a * count + i] + members[b * count + i]),
      );
      const mean = odds.reduce((sum, own) => sum + own, 0) / count;
      const variance = odds.reduce((sum, own) => sum + (own - mean) ** 2, 0) / (count - 1);
      standardError[a * tasks + b] = standardError[b * tasks + a] = Math.sqrt(variance);
    }
  return { standardError };
}

/**
 * Log odds of Dice, finite for networks that share none or all: half a unit stands in for nothing.
 *
 * @param same units shared with the same sign
 * @param members of both networks together
 */
export function logOdds(same: number, members: number): number {
  return Math.log((same + 0.5) / (members / 2 - same + 0.5));
}

/**
 * 95% interval of Dice from the standard error of its log odds.
 *
 * @example diceInterval(50, 200, 0.2) // { lower: 0.4023, upper: 0.5977 }
 */
export function diceInterval(same: number, members: number, standardError: number): { lower: number; upper: number } {
  const most = members / 2;
  const at = (shift: number) => {
    const share = 1 / (1 + Math.exp(-(logOdds(same, members) + shift * standardError)));
    return Math.min(1, Math.max(0, (share * (most + 1) - 0.5) / most));
  };
  return { lower: at(-1.959964), upper: at(1.959964) };
}

/** Members of a network's draws in a tile. */
interface DrawnNetwork {
  /** 1, -1 or 0, [draws x width]. */
  signs: Int8Array;
  /** Places of its members there, and how many they are. */
  places: Int32Array;
  found: number;
}

const emptyNetwork = (size: number): DrawnNetwork => ({
  ...{ signs: new Int8Array(size), places: new Int32Array(size), found: 0 },
});

function clear(network: DrawnNetwork): void {
  for (let i = 0; i < network.found; i++) network.signs[network.places[i]] = 0;
  network.found = 0;
}

/** Adds up what networks of draws have and share. */
function countShared(networks: readonly DrawnNetwork[], width: number, members: Uint32Array, same: Uint32Array): void {
  const tasks = networks.length;
  const count = members.length / tasks;
  for (const [a, { signs, places, found }] of networks.entries())
    for (let i = 0; i < found; i++) {
      const draw = Math.floor(places[i] / width);
      members[a * count + draw]++;
      for (let b = 0; b < a; b++)
        if (networks[b].signs[places[i]] === signs[places[i]]) same[(a * tasks + b) * count + draw]++;
    }
}

/** Between |t| of the last of the `size` strongest units that could be members and the next one's, where a threshold lies. */
function ownCut({ units, sums }: TaskPatterns, size: number, { model, counted, signOf }: ResampledOverlapOptions) {
  const found: UnitEffect = { effect: 0, variance: 0, df: 0, d: 0 };
  const t = Float64Array.from({ length: units }, (_, u) => {
    let [sum, task, rest] = [0, 0, 0];
    for (const run of sums) {
      sum += run.sum[u];
      task += run.taskSquares[u];
      rest += run.restSquares[u];
    }
    const known = counted[u] && model.estimate(sum, task, rest, found) && signOf(found.d) !== 0;
    return known ? Math.abs(found.effect) / Math.sqrt(found.variance) : Number.NaN;
  });
  const [last, next] = [strongestCut(t, size), strongestCut(t, size + 1)];
  return next === Number.NEGATIVE_INFINITY ? last : (last + next) / 2;
}

/** Marks the members of a draw by their sign, of units whose first is at `first`. */
function markMembers(
  network: DrawnNetwork,
  first: number,
  { first: unit, count, sum, onTask, onRest }: ResampledSums,
  { model, counted, signOf, cut }: ResampledOverlapOptions & { cut: number },
): void {
  const found: UnitEffect = { effect: 0, variance: 0, df: 0, d: 0 };
  const [taskWeight, restWeight] = model.squareWeights;
  const gain = cut > 0 ? model.gainOfSquare(cut * cut) : Number.POSITIVE_INFINITY;
  const { signs, places } = network;
  let members = network.found;
  for (let u = 0; u < count; u++)
    if (
      sum[u] * sum[u] * gain > taskWeight * onTask[u] + restWeight * onRest[u] &&
      counted[unit + u] &&
      model.estimate(sum[u], onTask[u], onRest[u], found) &&
      Math.abs(found.effect) >= cut * Math.sqrt(found.variance)
    ) {
      const sign = signOf(found.d);
      if (sign === 0) continue;
      signs[first + u] = sign;
      places[members++] = first + u;
    }
  network.found = members;
}
