import { normalLogSf, normalQuantile, randomStream } from '@galvani/numerics';
import { effectSign, strongestCount } from '@galvani/results';
import {
  adjustedDeviate,
  familywiseDeviate,
  type LevelledPrompts,
  largestDeviate,
  levelDeviate,
  type PromptContrastStatistics,
  promptContrast,
  shuffledLabels,
  sizeOfDeviate,
  type VarianceRule,
} from '@galvani/statistics';
import { correctionOf, type StageParameters } from '@galvani/study';
import type { HalfSelection } from './draw-halves.js';

/** Fewest relabellings behind a family-wise threshold, over all selections. */
const fewestRelabellings = 500;

/** Units that are taken at a time, so that their prompts stay in the cache. */
const tileWidth = 128;

/** What network sizes follow. */
export interface SizeRule {
  networks: StageParameters['networks'];
  variance: VarianceRule;
  /** Tasks of the study, for a threshold over all of them. */
  tasks: number;
  seed: number;
}

/**
 * Counts the members of the networks of selections of prompts by the study's own rule. As all selections have as many prompts, a family-wise
 * threshold is one for all: that of the largest |z| of all selections' relabelled prompts.
 *
 * @param runs run of each prompt of the study
 */
export function networkSizes(
  selections: readonly HalfSelection[],
  runs: Int32Array,
  { networks, variance, tasks, seed }: SizeRule,
) {
  const correction = correctionOf(networks.correction);
  const relabels = networks.top === undefined && !correction.level && !correction.adjust;
  const repeats = relabels ? Math.ceil(fewestRelabellings / selections.length) : 0;
  const least = -normalQuantile(networks.alpha / 2);
  const prepared = selections.map(({ rows, isOwn }, s) => {
    const selection = { rows: Int32Array.from(rows), runs: Int32Array.from(rows, (row) => runs[row]) };
    const isOn = Uint8Array.from(isOwn);
    const stream = randomStream(seed, 'yardstick', 'relabelling', s);
    const labels = Array.from({ length: repeats }, () => shuffledLabels({ runs: selection.runs, isOn }, stream));
    return { contrast: promptContrast({ ...selection, isOn }, variance), labels };
  });
  const maxima = new Float64Array(selections.length * repeats);
  /** Of each selection |z| of all units beyond the uncorrected threshold, and whether the unit may be a member. */
  const beyond = selections.map(() => ({ z: [] as number[], counts: [] as boolean[] }));
  let tested = 0;
  let countedUnits = 0;
  let levelled: LevelledPrompts | undefined;
  /** A tile of all prompts, close together. */
  const gathered = new Float64Array(runs.length * tileWidth);
  return {
    /** @param means of all prompts, [prompts x units] @param counted 1 for units that networks count */
    add(means: Float64Array, counted: Uint8Array): void {
      const units = counted.length;
      tested += units;
      countedUnits += counted.reduce((sum, own) => sum + own, 0);
      // The strongest share has as many members in every selection.
      if (networks.top !== undefined) return;
      for (let from = 0; from < units; from += tileWidth) {
        const until = Math.min(units, from + tileWidth);
        const own = counted.subarray(from, until);
        const width = until - from;
        const tile = gathered.subarray(0, runs.length * width);
        for (let row = 0; row < runs.length; row++)
          tile.set(means.subarray(row * units + from, row * units + until), row * width);
        for (const [s, { contrast, labels }] of prepared.entries()) {
          levelled = contrast.level(tile, width, 0, width, levelled);
          keepBeyond(contrast.evaluate(levelled, undefined, least), own, beyond[s]);
          for (let i = 0, at = s * labels.length; i < labels.length; i++, at++)
            maxima[at] = largestDeviate(contrast.evaluate(levelled, labels[i], maxima[at]), maxima[at]);
        }
      }
    },
    /** Members of each selection's network. */
    finish(): number[] {
      if (networks.top !== undefined) {
        const members = strongestCount(networks.top, countedUnits);
        return selections.map(() => members);
      }
      const families = networks.family === 'study' ? tasks : 1;
      const fixed = relabels
        ? familywiseDeviate(maxima, networks.alpha, families)
        : levelDeviate(correction, networks.alpha, tested * families);
      return beyond.map(({ z, counts }) => {
        const threshold =
          fixed ?? adjustedDeviate(correction.adjust!, networks.alpha, Float64Array.from(z, logTwoSided), tested);
        return z.reduce((sum, size, i) => sum + (counts[i] && size >= threshold ? 1 : 0), 0);
      });
    },
  };

  function keepBeyond(
    { t, df, d }: PromptContrastStatistics,
    counted: Uint8Array,
    into: (typeof beyond)[number],
  ): void {
    for (let u = 0; u < t.length; u++) {
      if (!(Math.abs(t[u]) >= least)) continue;
      const z = sizeOfDeviate(t[u], df[u]);
      if (z < least) continue;
      into.z.push(z);
      into.counts.push(counted[u] === 1 && effectSign(d[u], networks) !== 0);
    }
  }
}

/** Two-sided p of a deviate, natural logarithm. */
const logTwoSided = (z: number) => normalLogSf(z) + Math.LN2;
