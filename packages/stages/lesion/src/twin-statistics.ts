import type { MapSite, Recording, Results } from '@galvani/results';
import { effectModel, type RunSums, runSums, taskEffect } from '@galvani/statistics';
import { startProgress } from '@galvani/terminal';

/** t of a task's effect in the untrained twin, by site, [width]. */
export type TwinStatistics = ReadonlyMap<string, Float64Array>;

/**
 * What the same prompts do to the units of the model's untrained twin, of each task.
 *
 * @returns undefined where the study has no twin
 */
export async function twinStatistics(
  results: Results,
  recordings: readonly Recording[],
  sites: readonly MapSite[],
): Promise<Map<string, TwinStatistics> | undefined> {
  const layers = [...new Set(sites.map(({ layer }) => layer))];
  const wanted = new Set(sites.map(({ site }) => site));
  const sums = new Map<string, Map<string, RunSums[]>>();
  const progress = startProgress('lesion: reading the twin', recordings.length, 'runs');
  try {
    for (const { run, isTask } of recordings) {
      const twin = await results.twin(run);
      if (!twin) return undefined;
      const ofTask = sums.get(run.task) ?? new Map<string, RunSums[]>();
      sums.set(run.task, ofTask);
      for (const layer of layers) {
        const { columns, units, prompts, means } = await twin.promptMeans(layer);
        let first = 0;
        for (const { site, width } of columns) {
          if (wanted.has(site)) {
            const own = new Float64Array(prompts * width);
            for (let p = 0; p < prompts; p++)
              own.set(means.subarray(p * units + first, p * units + first + width), p * width);
            ofTask.set(site, [...(ofTask.get(site) ?? []), runSums(own, width, isTask)]);
          }
          first += width;
        }
      }
      progress.advance();
    }
  } finally {
    progress.finish();
  }
  return new Map([...sums].map(([task, bySite]) => [task, statisticsOf(bySite)]));
}

function statisticsOf(bySite: ReadonlyMap<string, readonly RunSums[]>): TwinStatistics {
  return new Map(
    [...bySite].map(([site, runs]) => {
      const [{ task, rest }] = runs;
      return [site, taskEffect(effectModel({ task, rest, runs: runs.length }, 'separate'), runs).t];
    }),
  );
}
