import type { EffectModel } from '../task-effect/effect-model.js';
import { strongestCut } from './strongest-cut.js';

/** Sums over relabelled prompts, of each unit: see RunSums. */
export interface LabelledSums {
  /** Of values of prompts labelled as task, [units]. */
  sum: Float32Array;
  /** Of their squares, [units]. */
  onTask: Float32Array;
}

/**
 * Finds the units of the largest and of the smallest t among relabelled prompts. What the last search found tells about how
 * large t must be, so that most units are passed over before their t is worked out; where that was too much to ask, all are looked at.
 *
 * @param total squares over all prompts, [units]
 * @param counted 1 for units that may be found
 * @param most how many with the largest t, and with the smallest
 */
export function createStrongest(
  model: EffectModel,
  total: Float64Array,
  counted: Uint8Array,
  most: { above: number; below: number },
) {
  const units = total.length;
  const [taskWeight, restWeight] = model.squareWeights;
  const places = new Int32Array(units);
  const t = new Float64Array(units);
  const negated = new Float64Array(units);
  const chosen = new Int8Array(units);
  let found = 0;
  /** |t| below which no unit was found lately. */
  let floor = 0;

  /** Units that may have |t| of `floor` or more, and their t. */
  function gather({ sum, onTask }: LabelledSums): number {
    const gain = floor > 0 ? model.gainOfSquare(floor * floor) : Number.POSITIVE_INFINITY;
    let count = 0;
    for (let u = 0; u < units; u++) {
      const own = onTask[u];
      if (floor > 0 && !(sum[u] * sum[u] * gain > taskWeight * own + restWeight * (total[u] - own))) continue;
      if (!counted[u]) continue;
      places[count] = u;
      t[count++] = model.t(sum[u], own, total[u] - own);
    }
    return count;
  }

  return {
    /** 1 for units with the largest t, -1 for those with the smallest, else 0; overwritten by the next call. @param sums of all units */
    choose(sums: LabelledSums): Int8Array {
      for (let i = 0; i < found; i++) chosen[places[i]] = 0;
      for (;;) {
        const count = gather(sums);
        for (let i = 0; i < count; i++) negated[i] = -t[i];
        const least = strongestCut(t.subarray(0, count), most.above);
        const last = -strongestCut(negated.subarray(0, count), most.below);
        // Not enough units are beyond the floor: those below it have to be looked at, too.
        if (floor > 0 && (least < floor || -last < floor)) {
          floor = 0;
          continue;
        }
        for (let i = 0; i < count; i++) chosen[places[i]] = t[i] >= least ? 1 : t[i] <= last ? -1 : 0;
        found = count;
        floor = Math.max(0, 0.85 * Math.min(least, -last));
        if (floor === Number.POSITIVE_INFINITY) floor = 0;
        return chosen;
      }
    },
  };
}
