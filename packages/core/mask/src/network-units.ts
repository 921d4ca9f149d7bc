import { type Site, selectSites } from '@galvani/model';
import { membership, type Results } from '@galvani/results';
import type { StageParameters } from '@galvani/study';
import { advised, didYouMean, UserMistake } from '@galvani/terminal';

/** A network's members in one site. */
export interface SiteUnits {
  site: string;
  /** Positions among the site's units, from 0, rising. */
  units: Int32Array;
  /** For each of them 1 (the task raises it) or -1. */
  signs: Int8Array;
}

/**
 * The members of a task's network, site after site, by the study's rule of membership.
 *
 * @param patterns sites that are wanted; default: all that were recorded
 * @throws UserMistake for a task that the study does not have, patterns that match no site, and a network without members there
 */
export async function networkUnits(
  results: Pick<Results, 'map'>,
  task: string,
  { tasks, rule, patterns }: { tasks: readonly string[]; rule: StageParameters['networks']; patterns?: string[] },
): Promise<SiteUnits[]> {
  if (!tasks.includes(task))
    throw new UserMistake(
      `--task: the study has no task '${task}'.${didYouMean(task, tasks)} Its tasks are ${tasks.join(', ')}.`,
    );
  const map = await results.map(`task-${task}`);
  const recorded = map.sites.map(
    ({ site, kind, layer, width }): Site => ({ name: site, kind: kind as Site['kind'], layer, width }),
  );
  const wanted = new Set(selectSites(recorded, { include: patterns }).map(({ name }) => name));
  const members = membership(map, rule);
  const found = map.sites
    .filter(({ site }) => wanted.has(site))
    .map(({ site, start, width }) => {
      const units = Int32Array.from({ length: width }, (_, u) => u).filter((u) => members[start + u] !== 0);
      return { site, units, signs: Int8Array.from(units, (u) => members[start + u]) };
    })
    .filter(({ units }) => units.length > 0);
  if (found.length > 0) return found;
  const elsewhere = members.some((sign) => sign !== 0);
  throw new UserMistake(
    elsewhere
      ? `the network of '${task}' has no unit in the sites ${patterns!.join(', ')}, so there is no weight to name: choose other sites, or leave --sites out.`
      : `the network of '${task}' is empty: no unit survives correction (networks.correction, alpha and minimumEffect in study.yaml), so there is no weight to name. ${advised('networks', 'networks')} says how large each network is.`,
  );
}
