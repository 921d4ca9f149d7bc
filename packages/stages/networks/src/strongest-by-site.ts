import type { StrongestUnit } from '@galvani/artifact';
import type { WholeMap } from '@galvani/results';

/** The strongest unit by |z| of each of the `howMany` sites that have the strongest ones, strongest first. */
export function strongestBySite(map: WholeMap, howMany: number): Omit<StrongestUnit, 'run' | 'task'>[] {
  const z = map.statistic('z');
  const best = map.sites.flatMap(({ site, layer, start, width }) => {
    let at = -1;
    for (let i = start; i < start + width; i++)
      if (map.flags[i] === 0 && Number.isFinite(z[i]) && (at < 0 || Math.abs(z[i]) > Math.abs(z[at]))) at = i;
    return at < 0 ? [] : [{ layer, site, unit: at - start, z: z[at] }];
  });
  return best.sort((a, b) => Math.abs(b.z) - Math.abs(a.z)).slice(0, howMany);
}
