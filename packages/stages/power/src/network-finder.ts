import { normalLogSf, normalQuantile, type RandomStream } from '@galvani/numerics';
import { effectSign } from '@galvani/results';
import {
  adjustedDeviate,
  familywiseDeviate,
  largestDeviate,
  levelDeviate,
  type PromptContrastStatistics,
  type PromptSelection,
  promptContrast,
  shuffledLabels,
  sizeOfDeviate,
  type VarianceRule,
} from '@galvani/statistics';
import { correctionOf, type StageParameters } from '@galvani/study';

/** What networks follow. */
export interface NetworkRule {
  networks: StageParameters['networks'];
  variance: VarianceRule;
  /** Tasks of the study, for a threshold over all of them. */
  tasks: number;
}

/** Relabellings behind a family-wise threshold, over all selections of one size. */
const relabellings = 500;

/** A network: for each member its place among all units, with its sign. */
export type SparseNetwork = ReadonlyMap<number, 1 | -1>;

/** Units beyond the uncorrected threshold. */
interface Beyond {
  unit: number[];
  z: number[];
  /** 1 or -1 for units that may be members, else 0. */
  sign: (-1 | 0 | 1)[];
}

/** Prompts of a selection, tile after tile. */
export interface Finder {
  /**
   * @param means of all prompts, [prompts x units], of which units `from` to before `until` are taken
   * @param counted 1 for units that networks count, [until - from]
   * @param first place of the first of them among all units
   * @returns Cohen's d of each unit, overwritten by the next call
   */
  add(
    means: Float32Array | Float64Array,
    units: number,
    tile: { from: number; until: number; counted: Uint8Array; first: number },
  ): Float64Array;
  /** The network beyond |z|, and |z| itself. @param fixed where it does not depend on the network's own p */
  finish(fixed: number | undefined, tested: number): { network: SparseNetwork; threshold: number };
}

/**
 * Networks of selections that have equally many prompts, by the study's own rule. A family-wise threshold is one for all of them: that of the
 * largest |z| of their relabelled prompts.
 *
 * @param selections whose prompts are relabelled too @param others that share the threshold
 */
export function networkFinders(
  selections: readonly PromptSelection[],
  others: readonly PromptSelection[],
  { networks, variance, tasks }: NetworkRule,
  stream: RandomStream,
): { own: Finder[]; others: Finder[]; fixed(tested: number): number | undefined } {
  const correction = correctionOf(networks.correction);
  const relabels = !correction.level && !correction.adjust;
  const repeats = relabels ? Math.ceil(relabellings / selections.length) : 0;
  const maxima = new Float64Array(selections.length * repeats);
  const families = networks.family === 'study' ? tasks : 1;
  const finder = (selection: PromptSelection, ownMaxima: Float64Array): Finder => {
    const contrast = promptContrast(selection, variance);
    const labels = Array.from(ownMaxima, () => shuffledLabels(selection, stream));
    const beyond: Beyond = { unit: [], z: [], sign: [] };
    let d = new Float64Array(0);
    return {
      add(means, units, { from, until, counted, first }) {
        const levelled = contrast.level(means, units, from, until);
        const found = contrast.evaluate(levelled, undefined, least);
        keepBeyond(found, counted, first, beyond);
        d = Float64Array.from(found.d);
        for (const [i, own] of labels.entries())
          ownMaxima[i] = largestDeviate(contrast.evaluate(levelled, own, ownMaxima[i]), ownMaxima[i]);
        return d;
      },
      finish(fixed, tested) {
        const { unit, z, sign } = beyond;
        const threshold =
          fixed ?? adjustedDeviate(correction.adjust!, networks.alpha, Float64Array.from(z, logTwoSided), tested);
        const members = unit.flatMap((u, i) => (z[i] >= threshold && sign[i] !== 0 ? [[u, sign[i]] as const] : []));
        return { network: new Map(members as [number, 1 | -1][]), threshold };
      },
    };
  };
  const least = -normalQuantile(networks.alpha / 2);
  return {
    own: selections.map((each, s) => finder(each, maxima.subarray(s * repeats, (s + 1) * repeats))),
    others: others.map((each) => finder(each, new Float64Array(0))),
    fixed: (tested) =>
      relabels
        ? familywiseDeviate(maxima, networks.alpha, families)
        : levelDeviate(correction, networks.alpha, tested * families),
  };

  function keepBeyond({ t, df, d }: PromptContrastStatistics, counted: Uint8Array, first: number, into: Beyond): void {
    for (let u = 0; u < t.length; u++) {
      if (!(Math.abs(t[u]) >= least)) continue;
      const z = sizeOfDeviate(t[u], df[u]);
      if (z < least) continue;
      into.unit.push(first + u);
      into.z.push(z);
      into.sign.push(counted[u] === 1 ? effectSign(d[u], networks) : 0);
    }
  }
}

/** Two-sided p of a deviate, natural logarithm. */
const logTwoSided = (z: number) => normalLogSf(z) + Math.LN2;
