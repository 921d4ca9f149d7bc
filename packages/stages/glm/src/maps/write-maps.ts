import { type ActivationColumn, type StoredStatistics, type UnitMarks, writeMap } from '@galvani/artifact';
import { correctionColumn, mapPath, type StudyFolder } from '@galvani/study';
import {
  correctedStatistics,
  correctFamily,
  type FamilyCorrections,
  layerOf,
  relabelledColumn,
} from '../fit/corrected-statistics.js';
import { conjunctionP } from './derived-maps.js';
import type { FittedMap } from './fitted-map.js';
import type { StoredMaps } from './map-spill.js';
import { storedStatistics } from './stored-columns.js';

/** Name in the spill of the statistic that permutations test; it does not go into maps. */
export const permutedName = 'permuted';

/** The sites of a layer, in the order of its units. */
export interface LayerSites {
  name: string;
  columns: readonly ActivationColumn[];
  marks: UnitMarks;
}

/** Corrections of maps over tasks, by map. */
export async function correctOverTasks(
  maps: readonly FittedMap[],
  layers: readonly LayerSites[],
  spill: StoredMaps,
): Promise<Map<FittedMap, FamilyCorrections>> {
  const p: Float64Array[] = [];
  for (const { map } of maps) p.push(...(await uncorrectedP(map.name, layers, spill)));
  const corrected = correctFamily(p, 'study', copiesIn(layers, maps.length));
  const ofMap = (m: number) =>
    corrected.map(([column, all]) => [column, all.slice(m * layers.length, (m + 1) * layers.length)] as const);
  return new Map(maps.map((map, m) => [map, ofMap(m)]));
}

/** Writes a map's files, corrected over the units of all layers, and over tasks where there is one such map for each. */
export async function writeFittedMap(
  folder: StudyFolder,
  layers: readonly LayerSites[],
  fitted: FittedMap,
  spill: StoredMaps,
  overTasks: FamilyCorrections = [],
): Promise<Record<string, { sha256: string; bytes: number }>> {
  const { name: map, contrast, kind } = fitted.map;
  // The units of a run are corrected by relabelling alone.
  const corrected =
    kind === 'run' ? [] : correctFamily(await uncorrectedP(map, layers, spill), 'task', copiesIn(layers));
  const outputs: Record<string, { sha256: string; bytes: number }> = {};
  for (const [l, { name, columns, marks }] of layers.entries()) {
    const { [permutedName]: waiting, ...plain } = await spill.read(map, name);
    const permuted = waiting as Float64Array | undefined;
    const familywise = await familywiseP(fitted, name, plain, permuted, spill);
    const relabelled =
      fitted.relabelledApart && permuted ? storedStatistics(kind, { [relabelledColumn]: permuted }) : {};
    outputs[`${map}/${name}.arrow`] = await writeMap(mapPath(folder, map, name), {
      sites: [...columns],
      flags: fitted.flags[l],
      marks,
      contrasts: new Map([
        [
          contrast,
          {
            ...correctedStatistics({ ...plain, ...relabelled }, familywise, corrected, l),
            ...(fitted.overTasks && permuted && { [familywiseOverTasks]: fitted.overTasks.log10p(permuted) }),
            ...layerOf(overTasks, l),
          },
        ],
      ]),
      facts: Object.fromEntries(Object.entries(fitted.facts).map(([key, value]) => [key, String(value)])),
    });
  }
  return outputs;
}

const familywiseOverTasks = correctionColumn('familywise', 'study');

async function uncorrectedP(map: string, layers: readonly LayerSites[], spill: StoredMaps): Promise<Float64Array[]> {
  const p: Float64Array[] = [];
  for (const { name } of layers) p.push((await spill.read(map, name, ['log10_p'])).log10_p as Float64Array);
  return p;
}

/** For each unit of all layers, of so many maps after each other, the unit that it copies, or -1. */
function copiesIn(layers: readonly LayerSites[], maps = 1): Int32Array {
  const found: number[] = [];
  for (let m = 0; m < maps; m++)
    for (const { columns, marks } of layers) {
      let first = 0;
      for (const { width } of columns) {
        const place = found.length;
        for (const of of marks.copyOf.subarray(first, first + width)) found.push(of < 0 ? -1 : place + of);
        first += width;
      }
    }
  return Int32Array.from(found);
}

async function familywiseP(
  { familywise, members }: FittedMap,
  layer: string,
  plain: StoredStatistics,
  permuted: Float64Array | undefined,
  spill: StoredMaps,
): Promise<Float64Array | undefined> {
  if (familywise && permuted) return familywise.log10p(permuted);
  if (!members?.every((member) => member.familywise)) return undefined;
  const own: Float64Array[] = [];
  for (const member of members) {
    const statistics = await spill.read(member.map.name, layer, [permutedName]);
    own.push(member.familywise!.log10p(statistics[permutedName] as Float64Array));
  }
  return conjunctionP(plain.z, own);
}
