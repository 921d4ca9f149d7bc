import type { DrawnMap } from './drawn-map.js';

/** A unit with its place in the model and its t. */
export interface StrongUnit {
  layer: string;
  site: string;
  unit: number;
  t: number;
}

/** The strongest unit by |t| of each of the `howMany` sites that have the strongest ones, strongest first. */
export function strongestUnits(map: DrawnMap, howMany: number): StrongUnit[] {
  const best: StrongUnit[] = [];
  for (const { site, layer, start, width } of map.sites) {
    let at = -1;
    for (let i = start; i < start + width; i++)
      if (map.flags[i] === 0 && Number.isFinite(map.t[i]) && (at < 0 || Math.abs(map.t[i]) > Math.abs(map.t[at])))
        at = i;
    if (at >= 0) best.push({ layer, site, unit: at - start, t: map.t[at] });
  }
  return best.sort((a, b) => Math.abs(b.t) - Math.abs(a.t)).slice(0, howMany);
}
