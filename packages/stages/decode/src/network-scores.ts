import { setImmediate } from 'node:timers/promises';
import { beyondMiddle } from '@galvani/identification';
import { tLogTwoSided } from '@galvani/numerics';
import { effectSign, strengthOf } from '@galvani/results';
import { adjustedDeviate, type EffectModel, type RunSums, strongestSoFar, type UnitEffect } from '@galvani/statistics';
import type { StageParameters } from '@galvani/study';

/** Networks to be compared with patterns of activity. */
export interface NetworkScoring {
  /** For each training session the sums of its runs. */
  training: readonly (readonly RunSums[])[];
  /** Each names for every training session the place of a run; in lexicographic order, so that neighbours share sums. */
  sources: readonly (readonly number[])[];
  /** For each training session the activity of its runs' task prompts, as patterns are: [units] each. */
  profiles: readonly (readonly Float64Array[])[];
  /** Activity against rest, [units x patterns]. */
  patterns: Float64Array;
  model: EffectModel;
  rule: Pick<StageParameters['networks'], 'minimumEffect' | 'sign' | 'top'>;
  /** From where on a unit is a member; or an adjustment or a number of members, by which each source has its own. */
  threshold: NetworkThreshold;
  /** Called before each tile of units with the number of units that lie behind. */
  onUnits?: (units: number) => void;
}

export type NetworkThreshold = FixedThreshold | SourceThreshold | StrongestUnits;

/** The least |t| or |z| of a member, the same for all sources. */
export interface FixedThreshold {
  statistic: 't' | 'z';
  least: number;
}

/** The least |z| that an adjustment of a network's own p keeps at alpha. */
export interface SourceThreshold {
  adjust: (logP: Float64Array) => Float64Array;
  alpha: number;
  /** Size of the family. */
  tested: number;
}

/** The units of the largest t, as the rule's sign has it. */
export interface StrongestUnits {
  /** How many; units that tie with the last are members too. */
  strongest: number;
}

/** What became of the sources. */
export interface NetworkScores {
  /** [sources x patterns]; -Infinity for an empty network, which identifies nothing. */
  scores: Float64Array;
  /** Number of members of each network. */
  members: Uint32Array;
  /** |t| or |z| from which a unit is a member of each. */
  thresholds: Float64Array;
}

/** Units that are worked on together: the sums of all runs and the patterns of a tile stay in the cache. */
const tileWidth = 512;
/** Sources whose deviates are kept at a time while their own thresholds are sought. */
const soughtTogether = 256;

/**
 * How well each pattern matches the network of each choice of runs. Over the network's units, two points are known: rest, and what the
 * task's prompts did in those runs (their profile), both in standard deviations of the rest of all training runs. The score is how far
 * beyond the middle between the two a pattern lies along the line from rest to the task:
 *
 *   (profile . pattern - profile . profile / 2) / |profile|
 *
 * which is above 0 for what is nearer to the task than to rest. It is the log of the likelihood ratio of the two, were units independent,
 * divided by the standard deviation that it then would have, so that networks of any size can be compared.
 *
 * Members are few, so the products behind it are taken over members alone.
 */
export async function scoreNetworks(scoring: NetworkScoring): Promise<NetworkScores> {
  const { training, sources, profiles, patterns, model, rule, threshold, onUnits } = scoring;
  const units = training[0][0].sum.length;
  const width = patterns.length / units;
  const thresholds =
    'least' in threshold
      ? new Float64Array(sources.length).fill(threshold.least)
      : 'strongest' in threshold
        ? await strongestThresholds(scoring, threshold)
        : await ownThresholds(scoring, threshold);
  const products = new Float64Array(sources.length * width);
  const lengths = new Float64Array(sources.length);
  const members = new Uint32Array(sources.length);
  const ofT = statisticOf(threshold) === 't';
  const critical = ofT ? undefined : criticalSquares(model, thresholds);
  // A hair lower: a threshold that is a unit's own statistic keeps that unit.
  const leastSquares = thresholds.map((t) => (t * (1 - 1e-9)) ** 2);
  const gains = ofT
    ? leastSquares.map((square) => Math.min(Number.MAX_VALUE, model.gainOfSquare(square)))
    : thresholds.map(model.gain);
  await eachTile(units, onUnits, (from, to) =>
    eachSource(training, sources, model, from, to, gains, (source, u, found) => {
      const square = (found.effect * found.effect) / found.variance;
      if (!(square >= (critical?.[source](found.df) ?? leastSquares[source])) || effectSign(found.d, rule) === 0)
        return;
      let weight = 0;
      for (const [s, run] of sources[source].entries()) weight += profiles[s][run][u] / training.length;
      members[source]++;
      lengths[source] += weight * weight;
      for (let k = 0, from = u * width, to = source * width; k < width; k++)
        products[to + k] += weight * patterns[from + k];
    }),
  );
  const scores = products.map((product, i) => {
    const source = Math.floor(i / width);
    return beyondMiddle(product, lengths[source], members[source]);
  });
  return { scores, members, thresholds };
}

/** What thresholds are in. */
export const statisticOf = (threshold: NetworkThreshold): 't' | 'z' =>
  'strongest' in threshold ? 't' : 'least' in threshold ? threshold.statistic : 'z';

/** Critical t^2 by degrees of freedom of each source; sources of one threshold share one. */
function criticalSquares(model: EffectModel, thresholds: Float64Array): ((df: number) => number)[] {
  const known = new Map<number, (df: number) => number>();
  return Array.from(thresholds, (z) => {
    // A hair lower: a threshold that is a unit's own deviate keeps that unit.
    const found = known.get(z) ?? model.criticalSquare(z * (1 - 1e-9));
    known.set(z, found);
    return found;
  });
}

async function ownThresholds(
  { training, sources, model, onUnits }: NetworkScoring,
  { adjust, alpha, tested }: SourceThreshold,
): Promise<Float64Array> {
  const units = training[0][0].sum.length;
  const limit = Math.log(alpha);
  const thresholds = new Float64Array(sources.length);
  for (let first = 0; first < sources.length; first += soughtTogether) {
    const some = sources.slice(first, first + soughtTogether);
    const logP = some.map((): number[] => []);
    const gains = new Float64Array(some.length).fill(
      model.gain(adjustedDeviate((p) => p, alpha, Float64Array.of(limit), 1)),
    );
    await eachTile(units, onUnits && (() => onUnits(0)), (from, to) =>
      eachSource(training, some, model, from, to, gains, (source, _u, { effect, variance, df }) => {
        const p = tLogTwoSided(effect / Math.sqrt(variance), df);
        if (p <= limit) logP[source].push(p);
      }),
    );
    for (const [i, own] of logP.entries())
      thresholds[first + i] = adjustedDeviate(adjust, alpha, Float64Array.from(own), tested);
  }
  return thresholds;
}

/** For each source the t of the last of its strongest units; 0 where fewer have the wanted sign. */
async function strongestThresholds(
  { training, sources, model, rule, onUnits }: NetworkScoring,
  { strongest }: StrongestUnits,
): Promise<Float64Array> {
  const units = training[0][0].sum.length;
  const thresholds = new Float64Array(sources.length);
  for (let first = 0; first < sources.length; first += soughtTogether) {
    const some = sources.slice(first, first + soughtTogether);
    const kept = some.map(() => strongestSoFar(strongest));
    const gains = new Float64Array(some.length);
    await eachTile(units, onUnits && (() => onUnits(0)), (from, to) => {
      // No unit of a tile can come in that lies below all that is kept.
      for (const [i, own] of kept.entries())
        gains[i] = Math.min(Number.MAX_VALUE, model.gainOfSquare(own.floor() ** 2));
      eachSource(training, some, model, from, to, gains, (source, _u, { effect, variance }) => {
        const strength = strengthOf(effect / Math.sqrt(variance), rule.sign);
        if (strength > 0) kept[source].add(strength);
      });
    });
    for (const [i, own] of kept.entries()) thresholds[first + i] = own.cut();
  }
  return thresholds;
}

async function eachTile(
  units: number,
  onUnits: ((units: number) => void) | undefined,
  visit: (from: number, to: number) => void,
): Promise<void> {
  for (let from = 0; from < units; from += tileWidth) {
    // A signal to stop is heard between tiles.
    await setImmediate();
    onUnits?.(from === 0 ? 0 : tileWidth);
    visit(from, Math.min(units, from + tileWidth));
  }
  onUnits?.(units % tileWidth || tileWidth);
}

interface TileSums {
  sum: Float64Array;
  task: Float64Array;
  rest: Float64Array;
}

const noSums = (): TileSums => {
  const [sum, task, rest] = [0, 1, 2].map(() => new Float64Array(tileWidth));
  return { sum, task, rest };
};

/** Visits the units of a tile that can be beyond each source's threshold, with their effects; what is visited is overwritten. */
function eachSource(
  training: readonly (readonly RunSums[])[],
  sources: readonly (readonly number[])[],
  model: EffectModel,
  from: number,
  to: number,
  gains: Float64Array,
  visit: (source: number, unit: number, found: UnitEffect) => void,
): void {
  const last = training.length - 1;
  // Sums over the first sessions of a source are those of the source before it, as far as both name the same runs.
  const upTo = training.map(noSums);
  const found: UnitEffect = { effect: 0, variance: 0, df: 0, d: 0 };
  const beyond = new Int32Array(tileWidth);
  const whole = noSums();
  for (const [i, source] of sources.entries()) {
    let level = 0;
    while (i > 0 && level < last && sources[i - 1][level] === source[level]) level++;
    for (; level < last; level++) addRun(upTo[level], training[level][source[level]], from, to, upTo[level + 1]);
    const count = addAndSift(upTo[last], training[last][source[last]], from, to, gains[i], model, whole, beyond);
    for (let k = 0; k < count; k++) {
      const u = beyond[k];
      if (model.estimate(whole.sum[u], whole.task[u], whole.rest[u], found)) visit(i, from + u, found);
    }
  }
}

function addRun(before: TileSums, run: RunSums, from: number, to: number, into: TileSums): void {
  const { sum, taskSquares, restSquares } = run;
  for (let u = 0, at = from; at < to; u++, at++) {
    into.sum[u] = before.sum[u] + sum[at];
    into.task[u] = before.task[u] + taskSquares[at];
    into.rest[u] = before.rest[u] + restSquares[at];
  }
}

/** Adds the last run and notes the units that can be beyond the threshold. */
function addAndSift(
  before: TileSums,
  run: RunSums,
  from: number,
  to: number,
  gain: number,
  { squareWeights: [onTask, onRest] }: EffectModel,
  into: TileSums,
  beyond: Int32Array,
): number {
  const { sum, taskSquares, restSquares } = run;
  const { sum: sums, task: tasks, rest: rests } = into;
  const { sum: sumBefore, task: taskBefore, rest: restBefore } = before;
  let count = 0;
  for (let u = 0, at = from; at < to; u++, at++) {
    const whole = sumBefore[u] + sum[at];
    const task = taskBefore[u] + taskSquares[at];
    const rest = restBefore[u] + restSquares[at];
    if (whole * whole * gain > onTask * task + onRest * rest) {
      sums[u] = whole;
      tasks[u] = task;
      rests[u] = rest;
      beyond[count++] = u;
    }
  }
  return count;
}
