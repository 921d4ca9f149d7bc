import type { NetworkSize, NetworkUnit } from '@galvani/artifact';
import { concatenate } from '@galvani/numerics';
import type { Slices } from '@galvani/study';
import { correctedColumn, membership } from './membership.js';
import type { WholeMap } from './study-maps.js';

/** A task's network: its members over all layers, and the rows of the tables that describe it. */
export interface Network {
  task: string;
  /** 1, -1 or 0 for each unit of the model. */
  members: Int8Array;
  units: NetworkUnit[];
  sizes: NetworkSize[];
}

/** The network of a task from its map over all sessions. */
export function networkOf(task: string, map: WholeMap, rule: Slices['networks']): Network {
  const units: NetworkUnit[] = [];
  const sizes: NetworkSize[] = [];
  const parts: Int8Array[] = [];
  for (const { name: layer, map: part } of map.layers) {
    const members = membership(part, task, rule);
    parts.push(members);
    const { effect, t, z, d, [correctedColumn[rule.correction]]: log10p } = part.contrasts.get(task)!;
    let first = 0;
    for (const { site, kind, width } of part.sites) {
      const size = { task, layer, kind, site, units: width, members: 0, positive: 0, negative: 0 };
      for (let unit = 0, at = first; unit < width; unit++, at++) {
        if (members[at] === 0) continue;
        size.members++;
        if (members[at] > 0) size.positive++;
        else size.negative++;
        const statistics = { effect: effect[at], t: t[at], z: z[at], d: d[at], log10_p: log10p[at] };
        units.push({ task, site, kind, layer, unit, ...statistics });
      }
      sizes.push(size);
      first += width;
    }
  }
  return { task, members: concatenate(parts), units, sizes };
}
