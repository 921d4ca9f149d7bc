import type { Peak } from '@galvani/artifact';
import { tDegreesOfFreedom, tQuantile } from '@galvani/numerics';
import { correctedP, countedUnits, membership, type WholeMap } from '@galvani/results';
import type { StageParameters } from '@galvani/study';

/** How many units are listed of a map, and of one of its sites: sites of a residual stream repeat each other's strongest units. */
export const peaksOfMap = 20;
export const peaksOfSite = 3;

/**
 * The strongest units that count of a task's or contrast's map, by |t|, or by z of an F contrast; of equals the first.
 *
 * The interval of an effect takes the degrees of freedom with which the map's p follows from its t.
 *
 * @param vocabulary text of each token, which the units of a head stand for; default none
 */
export function peaksOf(
  { kind, name }: { kind: 'task' | 'contrast'; name: string },
  map: WholeMap,
  rule: StageParameters['networks'],
  vocabulary: readonly string[] = [],
): Peak[] {
  const counted = countedUnits(map, rule);
  const members = membership(map, rule);
  const [effect, variance, t, z, d, dLower, dUpper] = [
    ...['effect', 'variance', 't', 'z', 'd', 'd_lower', 'd_upper'].map(map.statistic),
  ];
  const plain = map.statistic('log10_p');
  const corrected = correctedP(map, rule);
  const strength = (t.some(Number.isFinite) ? t : z).map(Math.abs);
  const order = [...strength.keys()]
    .filter((u) => counted[u] && map.flags[u] === 0 && strength[u] > 0)
    .sort((a, b) => strength[b] - strength[a] || a - b);
  const siteOf = placesOf(map);
  const taken = new Map<string, number>();
  const peaks: Peak[] = [];
  for (const u of order) {
    const { site, kind: ofSite, layer, start } = siteOf(u);
    const own = taken.get(site) ?? 0;
    if (own === peaksOfSite) continue;
    taken.set(site, own + 1);
    const token = ofSite === 'head' ? (vocabulary[u - start] ?? '') : '';
    const half = tQuantile(0.975, tDegreesOfFreedom(t[u], plain[u] * Math.LN10)) * Math.sqrt(variance[u]);
    peaks.push({
      ...{ map: kind, name, rank: peaks.length + 1, site, kind: ofSite, layer, unit: u - start, token },
      ...{
        member: members[u] !== 0,
        effect: effect[u],
        effect_lower: effect[u] - half,
        effect_upper: effect[u] + half,
      },
      ...{ t: t[u], z: z[u], d: d[u], d_lower: dLower[u], d_upper: dUpper[u], log10_p: corrected[u] },
    });
    if (peaks.length === peaksOfMap) break;
  }
  return peaks;
}

function placesOf({ sites, flags }: WholeMap) {
  const place = new Int32Array(flags.length);
  for (const [s, { start, width }] of sites.entries()) place.fill(s, start, start + width);
  return (unit: number) => sites[place[unit]];
}
