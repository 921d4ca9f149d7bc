import type { EffectModel, UnitEffect } from './effect-model.js';
import { type DrawnBlock, drawRelabellings } from './relabelled-runs.js';
import { type RelabelledProducts, relabelledSums, tileWidth } from './relabelled-sums.js';
import { createSieve, type Sieve } from './sieve.js';

/** Sessions of which each in turn is left out; the others' runs are relabelled. */
export interface RelabelledSessions {
  /** For each session its runs, one a task: prompts' means, [prompts x units] row-major. All runs have one design. */
  sessions: readonly (readonly Float32Array[])[];
  units: number;
  /** Task prompts of a run; its other prompts are rest. */
  task: number;
  /** Of a fit to one run of each of the other sessions. */
  model: EffectModel;
  /** Number of relabellings. */
  count: number;
  seed: number;
  /** The sessions that are left out, by their places; of others maxima stay 0. Default: each in turn. */
  held?: readonly number[];
  /** Called after each tile of units with the number of units done. */
  onUnits?: (units: number) => void;
}

/**
 * Null distribution of the largest |t| over all units, whatever the runs' tasks: for each relabelling a run is drawn
 * from each session, and which of its prompts are the task's is drawn anew. It takes no notice of which run had which task, so a
 * threshold from it is the same for every labelling of runs, and a test that permutes their tasks stays exact.
 *
 * In each session all runs are drawn equally often. What is left out is drawn too, so that folds share their work.
 *
 * @returns for each session that is left out the maxima, [count]
 */
export async function relabelledMaxima(options: RelabelledSessions): Promise<Float64Array[]> {
  const { sessions, units, task, model, count, seed, held, onUnits } = options;
  const prompts = sessions[0][0].length / units;
  const design = { sessions: sessions.length, tasks: sessions[0].length, prompts, task };
  const blocks = drawRelabellings(design, count, seed);
  const maxima = sessions.map(() => new Float64Array(count));
  // No unit is beyond a maximum that nobody asks for.
  const gains = Float64Array.from({ length: count * sessions.length }, (_, at) =>
    !held || held.includes(at % sessions.length) ? Number.MAX_VALUE : 0,
  );
  const sieve = createSieve(sessions.length);
  const runs = sessions.flat();
  const [onTask, onRest] = model.squareWeights;
  const sums = await relabelledSums(blocks, runs.length, prompts, { onTask, onRest });
  const values = new Float32Array(runs.length * prompts * tileWidth);
  for (let from = 0; from < units; from += tileWidth) {
    const width = Math.min(tileWidth, units - from);
    comparableValues(runs, units, from, width, values);
    sums.take(values);
    for (const block of blocks) {
      const products = await sums.of(block);
      raiseMaxima({ block, products, values, prompts, model, maxima, gains, sieve });
    }
    onUnits?.(width);
  }
  return maxima;
}

/**
 * A tile's values about their run's mean, [runs x prompts x tile]. Each unit's are brought near 1 by a power of two, since no t depends on
 * their size: no digit of a run changes with what other runs hold.
 */
function comparableValues(
  runs: readonly Float32Array[],
  units: number,
  from: number,
  width: number,
  into: Float32Array,
) {
  const prompts = runs[0].length / units;
  const mean = new Float64Array(width);
  const squares = new Float64Array(width);
  into.fill(0);
  for (const [r, means] of runs.entries()) {
    mean.fill(0);
    for (let p = 0; p < prompts; p++)
      for (let u = 0, at = p * units + from; u < width; u++, at++) mean[u] += means[at] / prompts;
    for (let p = 0; p < prompts; p++) {
      const to = (r * prompts + p) * tileWidth;
      for (let u = 0, at = p * units + from; u < width; u++, at++) {
        const value = means[at] - mean[u];
        // Rounding of the mean is no spread.
        const kept = Math.abs(value) > 1e-13 * Math.abs(mean[u]) ? value : 0;
        into[to + u] = kept;
        squares[u] += kept * kept;
      }
    }
  }
  const scale = squares.map((sum) => (sum > 0 ? 2 ** -Math.round(Math.log2(sum / runs.length / prompts) / 2) : 0));
  for (let row = 0; row < runs.length * prompts; row++)
    for (let u = 0, at = row * tileWidth; u < width; u++, at++) into[at] *= scale[u];
}

interface Raising {
  block: DrawnBlock;
  products: RelabelledProducts;
  values: Float32Array;
  prompts: number;
  model: EffectModel;
  maxima: readonly Float64Array[];
  /** What model.gainOfSquare says of each maximum, [count x sessions]. */
  gains: Float64Array;
  sieve: Sieve;
}

/** What the products' rounding to 24 bits may take from a unit before it is worked out exactly. */
const slack = 1 + 1e-5;

/** Raises the maxima of a block's relabellings by a tile of units. */
function raiseMaxima(tile: Raising): void {
  const { block, products, maxima, gains, sieve, model } = tile;
  const found: UnitEffect = { effect: 0, variance: 0, df: 0, d: 0 };
  for (let i = 0; i < block.count; i++) {
    const draw = block.first + i;
    const count = sieve.sift(products, block.rows, i, gains, draw);
    for (let k = 0; k < count; k++) {
      const u = sieve.units[k];
      for (const [held, own] of maxima.entries()) {
        const at = draw * maxima.length + held;
        if (!sieve.passes(products, block.rows, i, held, u, gains[at])) continue;
        if (!estimateUnit(tile, i, held, u, found)) continue;
        const t = Math.abs(found.effect) / Math.sqrt(found.variance);
        if (t > own[draw]) {
          own[draw] = t;
          gains[at] = model.gainOfSquare(t * t) * slack;
        }
      }
    }
  }
}

function estimateUnit(tile: Raising, i: number, held: number, u: number, into: UnitEffect): boolean {
  const { block, values, prompts, model, maxima } = tile;
  const sessions = maxima.length;
  let [sum, onTask, onRest] = [0, 0, 0];
  for (let s = 0; s < sessions; s++) {
    if (s === held) continue;
    const row = block.rows[i * sessions + s];
    const run = Math.floor(row / block.perRun);
    for (let p = 0; p < prompts; p++) {
      const value = values[(run * prompts + p) * tileWidth + u];
      if (block.labels[row * prompts + p]) {
        sum += value;
        onTask += value * value;
      } else onRest += value * value;
    }
  }
  return model.estimate(sum, onTask, onRest, into);
}
