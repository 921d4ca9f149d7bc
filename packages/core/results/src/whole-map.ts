import { readMap, type StatisticMap } from '@galvani/artifact';
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
  /** For each unit the place of the one that it copies, -1 for none. */
  copyOf: Int32Array;
  /** 1 for a unit of the head that stands for no token of any text. */
  unreachable: Uint8Array;
  /** Names of its statistics. */
  statistics: readonly string[];
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
  const copyOf = new Int32Array(start).fill(-1);
  const unreachable = new Uint8Array(start);
  let at = 0;
  for (const { map } of layers) {
    flags.set(map.flags, at);
    if (map.marks) unreachable.set(map.marks.unreachable, at);
    let first = 0;
    for (const { width } of map.sites) {
      for (let u = first; u < first + width; u++) {
        const of = map.marks?.copyOf[u] ?? -1;
        if (of >= 0) copyOf[at + u] = at + first + of;
      }
      first += width;
    }
    at += map.flags.length;
  }
  return {
    kind,
    sites,
    flags,
    copyOf,
    unreachable,
    statistic(name) {
      const out = new Float64Array(start).fill(Number.NaN);
      let first = 0;
      for (const { map } of layers) {
        const own = map.contrasts.get(contrast)?.[name];
        if (own) out.set(own, first);
        first += map.flags.length;
      }
      return out;
    },
    statistics: [...new Set(layers.flatMap(({ map }) => Object.keys(map.contrasts.get(contrast) ?? {})))],
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

/** A layer's part of a whole map, as its file of a map has it. */
export interface LayerOfMap {
  layer: string;
  /** Its units are those from `from` to `until` - 1 of the whole map. */
  from: number;
  until: number;
  sites: Pick<MapSite, 'site' | 'kind' | 'width'>[];
  /** Copies count from the start of their site. */
  marks: { copyOf: Int32Array; unreachable: Uint8Array };
}

/** The layers of a whole map, in its order. */
export function layersOfMap({ sites, copyOf, unreachable }: WholeMap): LayerOfMap[] {
  return [...new Set(sites.map(({ layer }) => layer))].map((layer) => {
    const own = sites.filter((site) => site.layer === layer);
    const from = own[0].start;
    const until = own.at(-1)!.start + own.at(-1)!.width;
    const inSite = new Int32Array(until - from);
    for (const { start, width } of own)
      for (let u = start; u < start + width; u++) inSite[u - from] = copyOf[u] < 0 ? -1 : copyOf[u] - start;
    return {
      ...{ layer, from, until },
      sites: own.map(({ site, kind, width }) => ({ site, kind, width })),
      marks: { copyOf: inSite, unreachable: unreachable.slice(from, until) },
    };
  });
}
