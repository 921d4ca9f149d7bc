import { type MapDescription, networkColumn, type WholeMap } from '@galvani/results';
import type { StageParameters } from '@galvani/study';

/** What is drawn of one map, over all layers in order of depth; arrays have a value for each unit. */
export interface DrawnMap extends Pick<WholeMap, 'sites' | 'flags'> {
  description: MapDescription;
  /** The statistic that decides membership: what relabelling tests, else the map's z. */
  statistic: Float64Array;
  /** What the page calls it. */
  called: 'z' | 't';
  /** Cohen's d. */
  d: Float64Array;
  /** Base-10 logarithms of p over the family of units that the study corrects over, whatever its networks are by. */
  corrected: Record<'familywise' | 'fdr', Float64Array>;
}

export function drawnMap(
  description: MapDescription,
  map: WholeMap,
  correction: StageParameters['networks']['correction'],
  family: StageParameters['networks']['family'] = 'task',
): DrawnMap {
  const { sites, flags, statistic } = map;
  const called = description.relabelled === 't' ? 't' : 'z';
  // Maps of other noise models than `prompt` have a statistic of their own beside the relabelled one.
  const relabelled = correction === 'familywise' ? statistic('relabelled') : new Float64Array(0);
  const values = relabelled.some(Number.isFinite) ? relabelled : statistic(called);
  const correctedBy = (name: 'familywise' | 'fdr') =>
    statistic(networkColumn(description.kind, { correction: name, family }));
  const corrected = { familywise: correctedBy('familywise'), fdr: correctedBy('fdr') };
  return { description, sites, flags, statistic: values, called, d: statistic('d'), corrected };
}
