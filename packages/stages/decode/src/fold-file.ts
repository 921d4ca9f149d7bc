import { readArrayFile, writeArrayFile } from '@galvani/artifact';
import type { Fold } from './fold.js';

type Facts = Pick<Fold, 'session' | 'heldOut' | 'statistic' | 'members'>;

/** Writes a fold for where shares are joined. */
export async function writeFold(path: string, fold: Fold): Promise<void> {
  const { session, heldOut, statistic, members, thresholds, scores, sourceOf } = fold;
  const facts: Facts = { session, heldOut, statistic, members };
  const arrays = { thresholds: Float64Array.from(thresholds), scores, sourceOf };
  await writeArrayFile(path, { facts, arrays: new Map(Object.entries(arrays)) });
}

export async function readFold(path: string): Promise<Fold> {
  const { facts, arrays } = await readArrayFile(path);
  return {
    ...(facts as Facts),
    thresholds: [...(arrays.get('thresholds') as Float64Array)],
    scores: arrays.get('scores') as Float64Array,
    sourceOf: arrays.get('sourceOf') as Int32Array,
  };
}
