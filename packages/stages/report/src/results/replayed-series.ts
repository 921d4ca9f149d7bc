import { type AskedSite, replaySites } from '@galvani/replay';
import type { StudyFolder } from '@galvani/study';
import type { Unit } from './unit-series.js';

/** Where a study is, so that runs can be played again. */
export interface Replaying {
  folder: StudyFolder;
  root: string;
  signal?: AbortSignal;
}

/**
 * Units at every token of runs that keep none: the runs are played again for these units alone, or taken from where they were before.
 *
 * @param wanted units of each run
 * @param rule which rows count
 * @returns for each run the series of its units
 * @throws Failure where a run cannot be played as it was recorded
 */
export async function replayedSeries(
  { folder, root, signal }: Replaying,
  wanted: ReadonlyMap<string, readonly Unit[]>,
  { afterEnd }: { afterEnd: 'keep' | 'drop' },
): Promise<Map<string, Float64Array[]>> {
  const sites = [...wanted].flatMap(([run, units]) =>
    units.map(({ site, unit }): AskedSite => ({ site, units: [unit], runs: [run] })),
  );
  const found = new Map<string, Float64Array[]>();
  // The page shows a few units of wide sites, so that nothing else is kept.
  for (const played of await replaySites({ folder, root, sites, spare: 0, signal })) {
    const series: Float64Array[] = [];
    for (const { site, unit } of wanted.get(played.run)!) {
      const whole = Float64Array.from(await played.rows(site, [unit]));
      series.push(whole.filter((_, row) => afterEnd === 'keep' || !played.tokens[row].after_end));
    }
    found.set(played.run, series);
  }
  return found;
}
