import { join } from 'node:path';
import { writeMap } from '@galvani/artifact';
import { layersOfMap, type WholeMap } from '@galvani/results';
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
  whole: WholeMap,
): Promise<Record<string, { sha256: string; bytes: number }>> {
  const outputs: Record<string, { sha256: string; bytes: number }> = {};
  if (count === 0) return outputs;
  const columns = Array.from({ length: count }, () => new Float32Array(counted.length).fill(Number.NaN));
  const units = maps.length / count;
  let at = 0;
  for (let u = 0; u < counted.length; u++) {
    if (!counted[u]) continue;
    for (const [k, column] of columns.entries()) column[u] = maps[k * units + at];
    at++;
  }
  for (const { layer, from, until, sites, marks } of layersOfMap(whole)) {
    const name = `components/${layer}.arrow`;
    outputs[name] = await writeMap(join(path, name), {
      sites,
      flags: whole.flags.slice(from, until),
      marks,
      contrasts: new Map(columns.map((column, k) => [`component-${k + 1}`, { z: column.slice(from, until) }])),
      facts: { sampled: 'units' },
    });
  }
  return outputs;
}
