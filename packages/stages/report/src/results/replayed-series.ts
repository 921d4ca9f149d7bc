import { replaySites } from '@galvani/replay';
import type { StudyFolder } from '@galvani/study';
import { readUnitSeries, type Unit } from './unit-series.js';

/** Where a study is, so that runs can be played again. */
export interface Replaying {
  folder: StudyFolder;
  root: string;
  signal?: AbortSignal;
}

/**
 * Units at every token of a run that keeps none: the run is played again for their sites, or taken from where it was before.
 *
 * @param rule which rows count
 * @throws Failure where the run cannot be played as it was recorded
 */
export async function replayedSeries(
  { folder, root, signal }: Replaying,
  run: string,
  units: readonly Unit[],
  { afterEnd }: { afterEnd: 'keep' | 'drop' },
): Promise<Float64Array[]> {
  const sites = [...new Set(units.map(({ site }) => site))];
  const [played] = await replaySites({ folder, root, sites, runs: [run], signal });
  const series: Float64Array[] = [];
  for (const unit of units) {
    const [whole] = await readUnitSeries(await played.open(unit.site), [unit]);
    series.push(whole.filter((_, row) => afterEnd === 'keep' || !played.tokens[row].after_end));
  }
  return series;
}
