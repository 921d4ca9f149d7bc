import type { UnitChange } from '@galvani/model';
import { type RandomStream, randomStream } from '@galvani/numerics';
import type { MapSite } from '@galvani/results';

/** An offset on some units of a site, in the model's own units. */
export interface SiteOffset {
  site: string;
  /** Positions among the site's units. */
  units: Int32Array;
  /** What strength 1 adds to each. */
  offset: Float64Array;
}

/** A direction: an offset in each of some sites. */
export type Direction = SiteOffset[];

/** A network's direction, and random ones of equal norm in each site. */
export interface TaskDirections {
  task: string;
  units: number;
  network: Direction;
  random: Direction[];
}

/** A map's part that directions are made of: each array has a value for each unit of the whole map. */
export interface MapOfTask {
  /** Not 0 for members. */
  members: Int8Array;
  /** Mean activity in the task less that at rest. */
  effect: Float64Array;
  /** 1 for units that networks count, of which random directions are drawn. */
  counted: Uint8Array;
}

/** The network's direction: its members' effects, so that strength 1 moves a unit as much as the task itself does. */
export function networkDirection(sites: readonly MapSite[], { members, effect }: MapOfTask): Direction {
  return sites.flatMap(({ site, start, width }) => {
    const units = Int32Array.from({ length: width }, (_, u) => u).filter(
      (u) => members[start + u] !== 0 && Number.isFinite(effect[start + u]),
    );
    return units.length > 0 ? [{ site, units, offset: Float64Array.from(units, (u) => effect[start + u]) }] : [];
  });
}

/** As many units of each site at random, given the network's own offsets in random order and with random signs: each site's norm is equal. */
export function randomDirection(
  network: Direction,
  sites: readonly MapSite[],
  { counted }: MapOfTask,
  stream: RandomStream,
): Direction {
  return network.map(({ site, units, offset }) => {
    const { start, width } = sites.find((own) => own.site === site)!;
    const candidates = Array.from({ length: width }, (_, u) => u).filter((u) => counted[start + u] === 1);
    const drawn = Int32Array.from(stream.shuffled(candidates).slice(0, units.length));
    const dealt = stream.shuffled([...offset]).map((own) => (stream.integer(2) === 1 ? own : -own));
    return { site, units: drawn, offset: Float64Array.from(dealt) };
  });
}

/** The directions of a task; undefined where its network has no members in these sites. */
export function taskDirections(
  task: string,
  sites: readonly MapSite[],
  map: MapOfTask,
  { directions, seed }: { directions: number; seed: number },
): TaskDirections | undefined {
  const network = networkDirection(sites, map);
  if (network.length === 0) return undefined;
  const random = Array.from({ length: directions }, (_, k) =>
    randomDirection(network, sites, map, randomStream(seed, 'steer', 'direction', task, k)),
  );
  return { task, units: network.reduce((sum, { units }) => sum + units.length, 0), network, random };
}

/** What is added to units at a strength; strength 0 changes nothing. */
export function changesAt(direction: Direction, strength: number): UnitChange[] {
  if (strength === 0) return [];
  return direction.map(({ site, units, offset }) => ({ site, units, offset: offset.map((own) => strength * own) }));
}
