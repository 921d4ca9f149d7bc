import type { StrongestUnit } from '@galvani/artifact';
import type { WholeMap } from '@galvani/results';

/** The strongest unit by |t| of each of the `howMany` sites that have the strongest ones, strongest first. */
export function strongestBySite(map: WholeMap, howMany: number): Omit<StrongestUnit, 'run' | 'task'>[] {
  const t = map.statistic('t');
  const best = map.sites.flatMap(({ site, layer, start, width }) => {
    let at = -1;
    for (let i = start; i < start + width; i++)
      if (map.flags[i] === 0 && Number.isFinite(t[i]) && (at < 0 || Math.abs(t[i]) > Math.abs(t[at]))) at = i;
    return at < 0 ? [] : [{ layer, site, unit: at - start, t: t[at] }];
  });
  return best.sort((a, b) => Math.abs(b.t) - Math.abs(a.t)).slice(0, howMany);
}
