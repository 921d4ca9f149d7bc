import type { MapDescription, WholeMap } from '@galvani/results';

/** What is drawn of one map, over all layers in order of depth; arrays have a value for each unit. */
export interface DrawnMap extends Pick<WholeMap, 'sites' | 'flags'> {
  description: MapDescription;
  /** t; z of a conjunction, which has no t. */
  t: Float64Array;
  /** Cohen's d. */
  d: Float64Array;
}

export function drawnMap(description: MapDescription, map: WholeMap): DrawnMap {
  const { sites, flags, statistic } = map;
  const t = statistic(description.kind === 'conjunction' ? 'z' : 't');
  return { description, sites, flags, t, d: statistic('d') };
}
