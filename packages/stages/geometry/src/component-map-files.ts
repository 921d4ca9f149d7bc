import { join } from 'node:path';
import { writeMap } from '@galvani/artifact';
import type { WholeMap } from '@galvani/results';
import type { SpatialComponents } from '@galvani/statistics';

/**
 * Writes the components' maps as `components/<layer>.arrow`, a column `component-<k>.z` each, and says what was written. Units that have no part in
 * the components have NaN.
 *
 * @param path the stage's folder
 * @param counted 1 for the units that components are made of
 */
export async function writeComponentMaps(
  path: string,
  { maps, count }: SpatialComponents,
  counted: Uint8Array,
  { sites, copyOf, unreachable, flags }: WholeMap,
): Promise<Record<string, { sha256: string; bytes: number }>> {
  const outputs: Record<string, { sha256: string; bytes: number }> = {};
  if (count === 0) return outputs;
  const columns = Array.from({ length: count }, () => new Float64Array(counted.length).fill(Number.NaN));
  const units = maps.length / count;
  let at = 0;
  for (let u = 0; u < counted.length; u++) {
    if (!counted[u]) continue;
    for (const [k, column] of columns.entries()) column[u] = maps[k * units + at];
    at++;
  }
  for (const layer of new Set(sites.map((site) => site.layer))) {
    const own = sites.filter((site) => site.layer === layer);
    const [from, until] = [own[0].start, own.at(-1)!.start + own.at(-1)!.width];
    const marked = new Int32Array(until - from);
    for (const { start, width } of own)
      for (let u = start; u < start + width; u++) marked[u - from] = copyOf[u] < 0 ? -1 : copyOf[u] - start;
    const name = `components/${layer}.arrow`;
    outputs[name] = await writeMap(join(path, name), {
      sites: own.map(({ site, kind, width }) => ({ site, kind, width })),
      flags: flags.slice(from, until),
      marks: { copyOf: marked, unreachable: unreachable.slice(from, until) },
      contrasts: new Map(columns.map((column, k) => [`component-${k + 1}`, { z: column.slice(from, until) }])),
      facts: { sampled: 'units' },
    });
  }
  return outputs;
}
