import { type RandomStream, randomStream } from '@galvani/numerics';
import type { EffectModel, UnitEffect } from '../task-effect/effect-model.js';
import { type ResampleMemory, resampleMemory, resampleSums } from './resampled-sums.js';
import { strongestCut } from './strongest-cut.js';
import type { TaskPatterns } from './task-patterns.js';

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
  /** Called after some resamples of all tasks with their number. */
  onResampled?: (resamples: number) => void;
}

/** How far the overlap of each pair would move with other prompts of the same kind. */
export interface ResampledOverlap {
  /** Standard error of the log odds of same-sign Dice (logOdds), [tasks x tasks]; NaN on the diagonal. */
  standardError: Float64Array;
}

/** Sums of resamples that are in memory at a time, about. */
const blockSize = 2 ** 20;

/**
 * Prompts are drawn anew with replacement within their run and condition (stratified bootstrap), and of each draw networks are formed by the
 * |t| that the network's last member and no other unit reaches. Deviations from a condition's mean are scaled by sqrt(n / (n - 1)), without which few prompts
 * drawn would vary too little (Davison and Hinkley 1997, section 3.2).
 */
export async function resampledOverlap(options: ResampledOverlapOptions): Promise<ResampledOverlap> {
  const { names, patterns, sizes, count, seed, onResampled } = options;
  const tasks = patterns.length;
  const streams = names.map((name) => randomStream(seed, 'networks', 'resample', name));
  const partnered = sizes.filter((size) => size > 0).length > 1;
  // A network without a partner is left empty.
  const cuts = patterns.map((own, a) => (partnered ? ownCut(own, sizes[a], options) : Number.POSITIVE_INFINITY));
  const sum = new Float64Array(tasks * tasks);
  const squares = new Float64Array(tasks * tasks);
  const together = Math.max(1, Math.min(count, Math.floor(blockSize / patterns[0].units)));
  const memory = resampleMemory(together * patterns[0].units);
  for (let first = 0; first < count; first += together) {
    const block = Math.min(together, count - first);
    const networks: Int8Array[] = [];
    for (const [a, own] of patterns.entries())
      networks.push(await resampledNetworks(own, cuts[a], block, streams[a], options, memory));
    for (let a = 0; a < tasks; a++)
      for (let b = 0; b < a; b++)
        for (const odds of pairOdds(networks[a], networks[b], block)) {
          sum[a * tasks + b] += odds;
          squares[a * tasks + b] += odds * odds;
        }
    onResampled?.(block);
  }
  const standardError = new Float64Array(tasks * tasks).fill(Number.NaN);
  for (let a = 0; a < tasks; a++)
    for (let b = 0; b < a; b++) {
      const at = a * tasks + b;
      const variance = (squares[at] - sum[at] ** 2 / count) / (count - 1);
      standardError[at] = standardError[b * tasks + a] = Math.sqrt(Math.max(0, variance));
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

function* pairOdds(a: Int8Array, b: Int8Array, block: number): Generator<number> {
  const units = a.length / block;
  for (let i = 0; i < block; i++) {
    let [same, members] = [0, 0];
    for (let u = i * units; u < (i + 1) * units; u++) {
      if (a[u] !== 0) {
        members++;
        if (a[u] === b[u]) same++;
      }
      if (b[u] !== 0) members++;
    }
    yield logOdds(same, members);
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

/** Networks of resampled prompts, [block x units]. */
async function resampledNetworks(
  patterns: TaskPatterns,
  cut: number,
  block: number,
  stream: RandomStream,
  { model, counted, signOf }: ResampledOverlapOptions,
  memory: ResampleMemory,
): Promise<Int8Array> {
  const { units } = patterns;
  const networks = new Int8Array(block * units);
  if (cut === Number.POSITIVE_INFINITY) return networks;
  await resampleSums(patterns, block, stream, memory);
  const { sum, onTask, onRest } = memory;
  const found: UnitEffect = { effect: 0, variance: 0, df: 0, d: 0 };
  for (let i = 0, at = 0; i < block; i++)
    for (let u = 0; u < units; u++, at++)
      if (
        counted[u] &&
        model.estimate(sum[at], onTask[at], onRest[at], found) &&
        Math.abs(found.effect) >= cut * Math.sqrt(found.variance)
      )
        networks[at] = signOf(found.d);
  return networks;
}
