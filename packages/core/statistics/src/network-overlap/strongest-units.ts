import type { EffectModel } from '../task-effect/effect-model.js';
import type { LabelledBlock } from './labelled-sums.js';
import { strongestCut } from './strongest-cut.js';
import { groupSize, tooManyToPass } from './unit-groups.js';

/**
 * Finds the units of the largest and of the smallest t among relabelled prompts. What earlier relabellings found tells about how
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
  /** |t| below which no unit is looked for. */
  let floor = 0;
  /** The least |t| of each network since the last block. */
  let reached: number[] = [];
  /** Units that were beyond the floor. */
  let passed = units;

  /** Units that may have |t| of `floor` or more, and their t. */
  function gather(
    { relabellings, width, sum, onTask, beyond }: LabelledBlock,
    relabelling: number,
    grouped: boolean,
  ): number {
    const gain = floor > 0 ? model.gainOfSquare(floor * floor) : Number.POSITIVE_INFINITY;
    const size = grouped ? groupSize : width;
    let count = 0;
    for (let from = 0, row = relabelling * width; from < units; from += width, row += relabellings * width)
      for (let part = 0; part < width; part += size) {
        if (grouped && !(beyond![(row + part) / groupSize] > 0)) continue;
        const end = Math.min(units, from + part + size);
        for (let u = from + part, at = row + part; u < end; u++, at++) {
          const own = onTask[at];
          if (floor > 0 && !(sum[at] * sum[at] * gain > taskWeight * own + restWeight * (total[u] - own))) continue;
          if (!counted[u]) continue;
          places[count] = u;
          t[count++] = model.t(sum[at], own, total[u] - own);
        }
      }
    return count;
  }

  return {
    /** What the next block is asked for: of the last networks a tenth needed more units than that gives. 0 where groups of units cannot be passed over. */
    nextFloor(): number {
      const own = reached.sort((a, b) => a - b)[Math.floor(reached.length / 10)];
      reached = [];
      return passed < tooManyToPass * units ? floorFrom(own ?? 0) : 0;
    },
    /** 1 for units with the largest t, -1 for those with the smallest, else 0; overwritten by the next call. @param wanted what the block was asked for */
    choose(block: LabelledBlock, relabelling: number, wanted: number): Int8Array {
      for (let i = 0; i < found; i++) chosen[places[i]] = 0;
      if (wanted > 0) floor = wanted;
      for (;;) {
        const count = gather(block, relabelling, wanted > 0 && floor >= wanted);
        for (let i = 0; i < count; i++) negated[i] = -t[i];
        const least = strongestCut(t.subarray(0, count), most.above);
        const last = -strongestCut(negated.subarray(0, count), most.below);
        const own = Math.min(least, -last);
        // Not enough units are beyond the floor: those below it have to be looked at, too, as far down as the last that was found.
        if (floor > 0 && own < floor) {
          floor = own > 0 ? own : floor > 1 ? 0.7 * floor : 0;
          continue;
        }
        for (let i = 0; i < count; i++) chosen[places[i]] = t[i] >= least ? 1 : t[i] <= last ? -1 : 0;
        found = count;
        if (floor > 0) passed = count;
        reached.push(own);
        floor = floorFrom(own);
        return chosen;
      }
    },
  };
}

/** A little below the least |t| of a network; 0 where that is none. */
const floorFrom = (least: number) => (least > 0 && least < Number.POSITIVE_INFINITY ? 0.85 * least : 0);
