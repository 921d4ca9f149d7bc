import { isAbsent, mostMasks, type PlannedParameters } from '@galvani/study';
import { shareOf, type TaskList } from './task.js';

/** Into how many shares each stage is cut, by stage; 1, or nothing, for one that is not. */
export type Divisions = Readonly<Record<string, number | undefined>>;

/** Some share may have no layer then, and some two. */
const unknownLayers = 8;
/** Masks of a share: two batches or so. */
const masksOfShare = 128;
const mostShares = 256;

/**
 * A share for each layer, for each session that is held out, and for so many masks; one of a stage that is left out.
 * @param layers that are recorded; undefined where nobody knows
 */
export function divisionsOf({ decode, lesion, design, runs }: PlannedParameters, layers = unknownLayers): Divisions {
  const masks = mostMasks(lesion, design.tasks.length);
  return {
    glm: layers,
    decode: isAbsent(decode) ? 1 : new Set(runs.map(({ session }) => session)).size,
    lesion: Math.min(mostShares, Math.ceil(masks / masksOfShare)),
  };
}

/** Those of a list: a study that was listed keeps its units, since jobs in the queue go by their numbers. */
export function divisionsIn({ tasks }: Pick<TaskList, 'tasks'>): Divisions {
  const found: Record<string, number> = {};
  for (const task of tasks) if (shareOf(task)) found[task.stage] = shareOf(task)!.of;
  return found;
}
