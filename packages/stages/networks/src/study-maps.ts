import { readMap, type StatisticMap } from '@galvani/artifact';
import { concatenate } from '@galvani/numerics';
import { mapPath, type StudyFolder } from '@galvani/study';

/** A map of the whole model: its layers in order, each a statistic map. */
export interface WholeMap {
  layers: { name: string; map: StatisticMap }[];
}

/** Reads all layers of a map set. */
export async function readWholeMap(folder: StudyFolder, mapSet: string, layers: readonly string[]): Promise<WholeMap> {
  return {
    layers: await Promise.all(
      layers.map(async (name) => ({ name, map: await readMap(mapPath(folder, mapSet, name)) })),
    ),
  };
}

/** One statistic of one contrast over all units of all layers. */
export function wholeStatistic({ layers }: WholeMap, contrast: string, statistic: string): Float64Array {
  return concatenate(layers.map(({ map }) => map.contrasts.get(contrast)![statistic]));
}
