import { normalLogSf, normalQuantile, randomStream } from '@galvani/numerics';
import { effectSign, strongestCount } from '@galvani/results';
import {
  adjustedDeviate,
  contrastScreen,
  familywiseDeviate,
  levelDeviate,
  shuffledLabels,
  sizeOfDeviate,
  type UnitBlocks,
  type VarianceRule,
} from '@galvani/statistics';
import { correctionOf, type StageParameters } from '@galvani/study';
import type { HalfSelection } from './draw-halves.js';

/** Fewest relabellings behind a family-wise threshold, over all selections. */
const fewestRelabellings = 500;

/** What network sizes follow. */
export interface SizeRule {
  networks: StageParameters['networks'];
  variance: VarianceRule;
  /** Tasks of the study, for a threshold over all of them. */
  tasks: number;
  /** Units of the model, for a threshold that depends on how many are tested. */
  units: number;
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
  { networks, variance, tasks, units, seed }: SizeRule,
) {
  const correction = correctionOf(networks.correction);
  const relabels = networks.top === undefined && !correction.level && !correction.adjust;
  const repeats = relabels ? Math.ceil(fewestRelabellings / selections.length) : 0;
  const uncorrected = -normalQuantile(networks.alpha / 2);
  const families = networks.family === 'study' ? tasks : 1;
  const level = relabels ? undefined : levelDeviate(correction, networks.alpha, units * families);
  /** |z| below which a unit is no member by any threshold; one that follows relabellings only rises. */
  const leastSoFar = () =>
    relabels ? Math.max(uncorrected, familywiseDeviate(maxima, networks.alpha, families)) : (level ?? uncorrected);
  const prepared = selections.map(({ rows, isOwn }, s) => {
    const selection = { rows: Int32Array.from(rows), runs: Int32Array.from(rows, (row) => runs[row]) };
    const isOn = Uint8Array.from(isOwn);
    const stream = randomStream(seed, 'yardstick', 'relabelling', s);
    const relabelled = Array.from({ length: repeats }, () => shuffledLabels({ runs: selection.runs, isOn }, stream));
    return contrastScreen({ ...selection, isOn }, variance, [isOn, ...relabelled]);
  });
  const maxima = new Float64Array(selections.length * repeats);
  /** Of each selection |z| of all units that may be beyond the threshold, and whether the unit may be a member. */
  const beyond = selections.map(() => ({ z: [] as number[], counts: [] as boolean[] }));
  let countedUnits = 0;
  const least = new Float64Array(1 + repeats);
  return {
    /** @param counted 1 for units that networks count */
    add(blocks: UnitBlocks, counted: Uint8Array): void {
      countedUnits += counted.reduce((sum, own) => sum + own, 0);
      // The strongest share has as many members in every selection.
      if (networks.top !== undefined) return;
      const ofMembers = leastSoFar();
      for (const [s, contrast] of prepared.entries()) {
        const own = s * repeats;
        least[0] = ofMembers;
        for (let i = 0; i < repeats; i++) least[1 + i] = maxima[own + i];
        const reaching = contrast.reaching(blocks, least);
        for (let i = 0; i < reaching.length; i += 2) {
          const [labelling, unit] = [reaching[i], reaching[i + 1]];
          const { t, df, d } = contrast.evaluate(blocks, labelling, unit);
          if (Number.isNaN(t)) continue;
          const z = sizeOfDeviate(t, df);
          if (labelling > 0) maxima[own + labelling - 1] = Math.max(maxima[own + labelling - 1], z);
          else if (z >= ofMembers) {
            beyond[s].z.push(z);
            beyond[s].counts.push(counted[unit] === 1 && effectSign(d, networks) !== 0);
          }
        }
      }
    },
    /** Members of each selection's network. */
    finish(): number[] {
      if (networks.top !== undefined) {
        const members = strongestCount(networks.top, countedUnits);
        return selections.map(() => members);
      }
      const fixed = relabels ? leastSoFar() : level;
      return beyond.map(({ z, counts }) => {
        const threshold =
          fixed ?? adjustedDeviate(correction.adjust!, networks.alpha, Float64Array.from(z, logTwoSided), units);
        return z.reduce((sum, size, i) => sum + (counts[i] && size >= threshold ? 1 : 0), 0);
      });
    },
  };
}

/** Two-sided p of a deviate, natural logarithm. */
const logTwoSided = (z: number) => normalLogSf(z) + Math.LN2;
