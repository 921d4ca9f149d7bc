import { countedUnits, type Recording, unreachableUnits } from '@galvani/results';
import { unitCopies } from '@galvani/statistics';
import type { StageParameters } from '@galvani/study';
import type { RunActivity } from './run-activity.js';

/**
 * Takes the variation of units that networks do not count out of all runs, so that no network of identification has them: copies of
 * other units, and units that no text reaches, as the study's rule has it. Which units are copies is found over all sessions, and looks
 * at no label.
 *
 * @param first of the recordings, whose sites are those of all
 * @returns for each unit 1 if it is counted
 */
export async function leaveOutUncounted(
  runs: RunActivity[],
  first: Recording,
  rule: Pick<StageParameters['networks'], 'copies' | 'unreachable'>,
): Promise<Uint8Array> {
  const units = runs[0].sums.sum.length;
  if (rule.copies === 'all' && rule.unreachable === 'keep') return new Uint8Array(units).fill(1);
  const marks: { copyOf: Int32Array; unreachable: Uint8Array }[] = [];
  const runOf = runs.flatMap(({ isTask }, r) => Array.from(isTask, () => r));
  let from = 0;
  for (const layer of first.layers) {
    const columns = await first.columns(layer);
    const unreachable = unreachableUnits(columns, first.unreachable);
    let at = 0;
    for (const { width } of columns) {
      const last = unreachable.subarray(at, at + width);
      const means = rule.copies === 'once' ? siteMeans(runs, from, width) : undefined;
      const copyOf = means
        ? unitCopies(means, { units: width, first: 0, width }, runOf, last)
        : new Int32Array(width).fill(-1);
      marks.push({ copyOf, unreachable: last });
      at += width;
      from += width;
    }
  }
  const counted = Uint8Array.from(marks.flatMap((own) => [...countedUnits(own, rule)]));
  const left = [...counted.keys()].filter((u) => counted[u] === 0);
  if (left.length === 0) return counted;
  for (const run of runs) {
    const prompts = run.isTask.length;
    for (let p = 0; p < prompts; p++) for (const u of left) run.means[p * counted.length + u] = 0;
    // As `runSums` gives them of what never varies.
    const { sum, taskSquares, restSquares } = run.sums;
    for (const own of [sum, taskSquares, restSquares]) for (const u of left) own[u] = 0;
  }
  return counted;
}

/** Means of the units of a site, `width` from `first` on, over the prompts of all runs, [prompts x width]. */
function siteMeans(runs: readonly RunActivity[], first: number, width: number): Float64Array {
  const prompts = runs.reduce((sum, { isTask }) => sum + isTask.length, 0);
  const means = new Float64Array(prompts * width);
  let row = 0;
  for (const run of runs) {
    const units = run.means.length / run.isTask.length;
    for (let p = 0; p < run.isTask.length; p++, row++)
      means.set(run.means.subarray(p * units + first, p * units + first + width), row * width);
  }
  return means;
}
