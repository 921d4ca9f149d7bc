import type { NetworkConjunction } from '@galvani/artifact';
import { expectedOfOneSign, type TaskMembers } from './intersections.js';

/**
 * What survives in a conjunction, beside what its tasks' networks share.
 *
 * @param members of the conjunction's map by the study's rule
 * @param networks of its tasks
 */
export function conjunctionRow(
  conjunction: string,
  members: Int8Array,
  networks: readonly TaskMembers[],
): NetworkConjunction {
  const count = (wanted: (sign: number, unit: number) => boolean) =>
    members.reduce((sum, sign, u) => sum + (wanted(sign, u) ? 1 : 0), 0);
  const [first, ...others] = networks;
  return {
    conjunction,
    tasks: networks.map(({ task }) => task).join(' + '),
    members: count((sign) => sign !== 0),
    positive: count((sign) => sign > 0),
    negative: count((sign) => sign < 0),
    in_networks: count(
      (_, u) => first.members[u] !== 0 && others.every((other) => other.members[u] === first.members[u]),
    ),
    expected_in_networks: expectedOfOneSign(networks),
  };
}
