import { readMap, type StatisticMap } from '@galvani/artifact';
import { concatenate } from '@galvani/numerics';
import type { MapDescription } from './facts.js';
import type { StudyFiles } from './study-files.js';

/** A site among all units of a map. */
export interface MapSite {
  site: string;
  kind: string;
  layer: string;
  width: number;
  /** Place of its first unit in the map's arrays. */
  start: number;
}

/** One contrast over the whole model, layer after layer. */
export interface WholeMap extends Pick<MapDescription, 'kind'> {
  sites: MapSite[];
  /** For each unit 0 (tested), 1 (constant) or 2 (not finite). */
  flags: Uint8Array;
  /** A value for each unit, in an array of its own; NaN throughout where the map has no such statistic. */
  statistic(name: string): Float64Array;
}

/** @param layers in the order of the model */
export function wholeMap(
  { kind, contrast }: Pick<MapDescription, 'kind' | 'contrast'>,
  layers: readonly { layer: string; map: StatisticMap }[],
): WholeMap {
  const sites: MapSite[] = [];
  let start = 0;
  for (const { layer, map } of layers)
    for (const { site, kind, width } of map.sites) {
      sites.push({ site, kind, layer, width, start });
      start += width;
    }
  const flags = new Uint8Array(start);
  let at = 0;
  for (const { map } of layers) {
    flags.set(map.flags, at);
    at += map.flags.length;
  }
  const nothing = ({ map }: { map: StatisticMap }) => new Float64Array(map.flags.length).fill(Number.NaN);
  return {
    kind,
    sites,
    flags,
    statistic: (name) => concatenate(layers.map((each) => each.map.contrasts.get(contrast)?.[name] ?? nothing(each))),
  };
}

/** Reads `glm/<name>/<layer>.arrow` of all layers. */
export async function readWholeMap(
  files: StudyFiles,
  description: MapDescription,
  layers: readonly string[],
): Promise<WholeMap> {
  const read = async (layer: string) => ({
    layer,
    map: await readMap(await files.open(`glm/${description.name}/${layer}.arrow`)),
  });
  return wholeMap(description, await Promise.all(layers.map(read)));
}
