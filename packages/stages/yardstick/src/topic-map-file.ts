import { join } from 'node:path';
import { writeMap } from '@galvani/artifact';
import type { WholeMap } from '@galvani/results';
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
  { sites, copyOf, unreachable }: WholeMap,
): Promise<Record<string, { sha256: string; bytes: number }>> {
  const outputs: Record<string, { sha256: string; bytes: number }> = {};
  for (const layer of new Set(sites.map((site) => site.layer))) {
    const own = sites.filter((site) => site.layer === layer);
    const [from, until] = [own[0].start, own.at(-1)!.start + own.at(-1)!.width];
    const marked = new Int32Array(until - from);
    for (const { start, width } of own)
      for (let u = start; u < start + width; u++) marked[u - from] = copyOf[u] < 0 ? -1 : copyOf[u] - start;
    const ofLayer = Object.entries(statistics).map(([name, values]) => [name, values.slice(from, until)] as const);
    outputs[`${folder}/${layer}.arrow`] = await writeMap(join(path, folder, `${layer}.arrow`), {
      sites: own.map(({ site, kind, width }) => ({ site, kind, width })),
      flags: Uint8Array.from(statistics.t.subarray(from, until), (t) => (Number.isNaN(t) ? 1 : 0)),
      marks: { copyOf: marked, unreachable: unreachable.slice(from, until) },
      contrasts: new Map([[contrast, Object.fromEntries(ofLayer)]]),
      facts: { df: String(df), sampled: 'topics' },
    });
  }
  return outputs;
}
