import type { RandomStream } from '@galvani/numerics';
import { promptContrast } from '@galvani/statistics';
import type { Choice, ChoicePoint } from './choices.js';
import { type MapAgreement, mapAgreement } from './map-agreement.js';
import { type NetworkRule, networkFinders, type SparseNetwork } from './network-finder.js';

/** Units taken at a time, so that their prompts stay in the cache. */
const tileWidth = 512;

/** What one choice of prompts found. */
export interface ChoiceResult {
  choice: Choice;
  network: SparseNetwork;
  /** |z| from which a unit is a member. */
  threshold: number;
  other?: SparseNetwork;
  agreement?: { correlation: number; identified: boolean };
  /** Members' t in the prompts left out, positive where of the network's sign, with degrees of freedom. */
  leftOut?: { t: number[]; df: number[] };
}

export interface PointResult {
  point: ChoicePoint;
  found: ChoiceResult[];
}

/** Means over prompts of a layer's units, by how many tokens they are of (Infinity: all), [prompts x units] each. */
export type LayerMeans = ReadonlyMap<number, Float32Array>;

/** Forms the networks of all choices, layer after layer. */
export function learningCurve(points: readonly ChoicePoint[], rule: NetworkRule, stream: RandomStream) {
  const prepared = points.map((point) => {
    const { choices, draws } = point;
    const paired = choices.filter(({ other }) => other);
    const finders = networkFinders(
      choices.map(({ own }) => own),
      paired.map(({ other }) => other!),
      rule,
      stream,
    );
    const tasks = Math.max(...choices.map(({ task }) => task)) + 1;
    const agreements: MapAgreement[] =
      paired.length > 0 ? Array.from({ length: draws }, () => mapAgreement(tasks)) : [];
    const judges = choices.map(({ leftOut }) => leftOut && promptContrast(leftOut, rule.variance));
    // For each choice t and degrees of freedom of all units in the prompts left out.
    const judged = choices.map(() => ({ t: [] as Float64Array[], df: [] as Float64Array[] }));
    return { point, paired, finders, agreements, judges, judged };
  });
  let tested = 0;
  return {
    /** @param counted 1 for units that networks count */
    add(layer: LayerMeans, counted: Uint8Array): void {
      const units = counted.length;
      for (let from = 0; from < units; from += tileWidth) {
        const until = Math.min(units, from + tileWidth);
        const tile = { from, until, counted: counted.subarray(from, until), first: tested + from };
        for (const { point, paired, finders, agreements, judges, judged } of prepared) {
          const means = layer.get(point.tokens)!;
          const own = finders.own.map((finder) => finder.add(means, units, tile));
          const others = finders.others.map((finder) => finder.add(means, units, tile));
          for (const [draw, agreement] of agreements.entries()) {
            const ofDraw = (choices: readonly Choice[], maps: readonly Float64Array[]) =>
              maps.filter((_, i) => choices[i].draw === draw);
            agreement.add(ofDraw(point.choices, own), ofDraw(paired, others));
          }
          for (const [c, judge] of judges.entries()) {
            if (!judge) continue;
            const { t, df } = judge.evaluate(judge.level(means, units, from, until));
            judged[c].t.push(t.slice());
            judged[c].df.push(df.slice());
          }
        }
      }
      tested += units;
    },
    finish(): PointResult[] {
      return prepared.map(({ point, paired, finders, agreements, judges, judged }) => {
        const fixed = finders.fixed(tested);
        const agreed = agreements.map((each) => each.finish());
        const others = finders.others.map((finder) => finder.finish(fixed, tested).network);
        const found = point.choices.map((choice, c): ChoiceResult => {
          const { network, threshold } = finders.own[c].finish(fixed, tested);
          const at = paired.indexOf(choice);
          return {
            ...{ choice, network, threshold },
            ...(at >= 0 && { other: others[at], agreement: agreed[choice.draw][choice.task] }),
            ...(judges[c] && { leftOut: membersOnly(network, judged[c]) }),
          };
        });
        return { point, found };
      });
    },
  };
}

function membersOnly(
  network: SparseNetwork,
  { t, df }: { t: readonly Float64Array[]; df: readonly Float64Array[] },
): { t: number[]; df: number[] } {
  const starts: number[] = [];
  for (const part of t) starts.push((starts.at(-1) ?? 0) + part.length);
  const [allT, allDf] = [t, df].map((parts) => {
    const joined = new Float64Array(starts.at(-1) ?? 0);
    for (const [i, part] of parts.entries()) joined.set(part, i === 0 ? 0 : starts[i - 1]);
    return joined;
  });
  const known = [...network].filter(([unit]) => Number.isFinite(allT[unit]) && allDf[unit] > 2);
  return { t: known.map(([unit, sign]) => sign * allT[unit]), df: known.map(([unit]) => allDf[unit]) };
}
