import type { Power } from '@galvani/artifact';
import type { ChoicePoint } from './choices.js';
import type { ChoiceResult, PointResult } from './learning-curve.js';
import type { SparseNetwork } from './network-finder.js';

/** The numbers of a row. */
type Measures = Omit<Power, 'varied' | 'task' | 'prompts_per_block' | 'sessions' | 'tokens' | 'draws'>;

/** A row of nothing but where it belongs. */
export const noMeasures: Measures = {
  members: Number.NaN,
  found: Number.NaN,
  dice: Number.NaN,
  repeat_dice: Number.NaN,
  repeat_correlation: Number.NaN,
  identified: Number.NaN,
  power: Number.NaN,
};

/**
 * Rows of what fewer prompts, sessions and tokens found.
 * @param whole the network of each task by the whole study
 */
export function curveRows(
  results: readonly PointResult[],
  tasks: readonly string[],
  whole: readonly SparseNetwork[],
): Power[] {
  return results.flatMap(({ point, found }) => {
    const ofTasks = tasks.map((_, t) => {
      const own = found.filter(({ choice }) => choice.task === t).map((each) => measuresOf(each, whole[t]));
      return meanMeasures(own);
    });
    return [...tasks, ''].map((task, t) => ({
      ...placeOf(point),
      ...{ task, draws: point.draws, ...(task === '' ? meanMeasures(ofTasks) : ofTasks[t]) },
    }));
  });
}

const placeOf = ({ varied, promptsPerBlock, sessions, tokens }: ChoicePoint) => ({
  ...{ varied, prompts_per_block: promptsPerBlock, sessions },
  tokens: Number.isFinite(tokens) ? tokens : 0,
});

function measuresOf({ network, other, agreement }: ChoiceResult, whole: SparseNetwork): Measures {
  return {
    ...noMeasures,
    members: network.size,
    found: whole.size === 0 ? Number.NaN : sharedBy(network, whole) / whole.size,
    dice: diceOf(network, whole),
    ...(other && { repeat_dice: diceOf(network, other) }),
    ...(agreement && { repeat_correlation: agreement.correlation, identified: agreement.identified ? 1 : 0 }),
  };
}

/** Members of both with one sign. */
function sharedBy(a: SparseNetwork, b: SparseNetwork): number {
  let same = 0;
  for (const [unit, sign] of a) if (b.get(unit) === sign) same++;
  return same;
}

const diceOf = (a: SparseNetwork, b: SparseNetwork) => (2 * sharedBy(a, b)) / (a.size + b.size);

/** Means of what is known. */
export function meanMeasures(all: readonly Measures[]): Measures {
  const keys = Object.keys(noMeasures) as (keyof Measures)[];
  return Object.fromEntries(
    keys.map((key) => {
      const known = all.map((own) => own[key]).filter((value) => !Number.isNaN(value));
      return [key, known.length === 0 ? Number.NaN : known.reduce((a, b) => a + b, 0) / known.length];
    }),
  ) as Measures;
}
