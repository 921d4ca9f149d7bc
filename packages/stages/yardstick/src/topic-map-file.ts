import { join } from 'node:path';
import { writeMap } from '@galvani/artifact';
import { layersOfMap, type WholeMap } from '@galvani/results';
import type { TopicMap } from './topic-contrasts.js';

/**
 * Writes `<map>/<layer>.arrow` of a contrast over topics, and says what was written.
 *
 * @param path the stage's folder
 * @param whole a map of the study, for its sites and marks
 */
export async function writeTopicMap(
  path: string,
  { folder, contrast, df, statistics }: TopicMap,
  whole: WholeMap,
): Promise<Record<string, { sha256: string; bytes: number }>> {
  const outputs: Record<string, { sha256: string; bytes: number }> = {};
  for (const { layer, from, until, sites, marks } of layersOfMap(whole)) {
    const ofLayer = Object.entries(statistics).map(([name, values]) => [name, values.slice(from, until)] as const);
    outputs[`${folder}/${layer}.arrow`] = await writeMap(join(path, folder, `${layer}.arrow`), {
      sites,
      flags: Uint8Array.from(statistics.t.subarray(from, until), (t) => (Number.isNaN(t) ? 1 : 0)),
      marks,
      contrasts: new Map([[contrast, Object.fromEntries(ofLayer)]]),
      facts: { df: String(df), sampled: 'topics' },
    });
  }
  return outputs;
}
