import { type ActivationColumn, type MapStatistics, writeMap } from '@galvani/artifact';
import { mapPath, type StudyFolder } from '@galvani/study';
import { correctFamily } from './corrected-statistics.js';
import { conjunctionP } from './derived-maps.js';
import type { MapFamily } from './map-family.js';
import type { MapSpill } from './map-spill.js';

/** Name in the spill of the statistic that relabelling tested; it does not go into maps. */
export const relabelledName = 'relabelled';

/** Writes the maps of one family, corrected over the units of all layers. */
export async function writeFamily(
  folder: StudyFolder,
  layers: readonly { name: string; columns: ActivationColumn[] }[],
  family: MapFamily,
  spill: MapSpill,
): Promise<Record<string, { sha256: string; bytes: number }>> {
  const { set } = family;
  const p: Float64Array[] = [];
  for (const { name } of layers) p.push((await spill.read(set.name, name, ['log10_p'])).log10_p);
  const corrected = correctFamily(p);
  const outputs: Record<string, { sha256: string; bytes: number }> = {};
  for (const [l, { name, columns }] of layers.entries()) {
    const { [relabelledName]: relabelled, ...plain } = await spill.read(set.name, name);
    const familywise = await familywiseP(family, name, plain, relabelled, spill);
    const statistics: MapStatistics = {
      ...plain,
      ...(familywise && { log10_p_familywise: familywise }),
      log10_q_fdr: corrected.fdr[l],
      log10_p_bonferroni: corrected.bonferroni[l],
    };
    outputs[`${set.name}/${name}.arrow`] = await writeMap(mapPath(folder, set.name, name), {
      sites: columns,
      flags: family.flags[l],
      contrasts: new Map([[set.contrast, statistics]]),
      facts: Object.fromEntries(Object.entries(family.facts).map(([key, value]) => [key, String(value)])),
    });
  }
  return outputs;
}

async function familywiseP(
  { familywise, members }: MapFamily,
  layer: string,
  plain: MapStatistics,
  relabelled: Float64Array | undefined,
  spill: MapSpill,
): Promise<Float64Array | undefined> {
  if (familywise && relabelled) return familywise.log10p(relabelled);
  if (!members?.every((member) => member.familywise)) return undefined;
  const own: Float64Array[] = [];
  for (const member of members) {
    const statistics = await spill.read(member.set.name, layer, [relabelledName]);
    own.push(member.familywise!.log10p(statistics[relabelledName]));
  }
  return conjunctionP(plain.z, own);
}
