import type { LesionPairRow } from '@galvani/artifact';
import { randomStream } from '@galvani/numerics';
import { lesionTest, resampledMeans } from '@galvani/statistics';
import { changesOf } from './lesion-changes.js';
import { meanOver } from './lesion-rows.js';
import type { ScoredText } from './lesion-texts.js';
import type { LesionLosses } from './measured-losses.js';

/** Pairs as they were read. */
export interface ReadPairs {
  topics: readonly string[];
  /** Good and bad of each pair in turn. */
  texts: readonly ScoredText[];
  /** The place of the first among all texts that were read. */
  first: number;
}

/** Log probability of good less that of bad, nats, [pairs]. */
function margins(losses: Float64Array, { texts, first }: ReadPairs): Float64Array {
  const logProbability = (k: number) => -losses[first + k] * (texts[k].tokens.length - texts[k].scoredFrom);
  return Float64Array.from(
    { length: texts.length / 2 },
    (_, pair) => logProbability(2 * pair) - logProbability(2 * pair + 1),
  );
}

const right = (margin: Float64Array) => margin.map((value) => (value > 0 ? 1 : 0));

/** Rows for lesions of one kind and dose in the same sites. */
export function pairRows(
  lesions: readonly LesionLosses[],
  pairs: ReadPairs,
  untouched: Float64Array,
  seed: number,
): LesionPairRow[] {
  const topics = [...new Set(pairs.topics)].map((topic) => ({
    topic,
    own: pairs.topics.flatMap((each, pair) => (each === topic ? [pair] : [])),
  }));
  const before = margins(untouched, pairs);
  const cells = lesions.flatMap((lesion) => {
    const accuracy = changesOf(lesion, (losses) => right(margins(losses, pairs)));
    const margin = changesOf(lesion, (losses) => margins(losses, pairs));
    return topics.map(({ topic, own }) => ({ accuracy, margin: margin.change, topic, own }));
  });
  // A lesion lowers accuracy: what is tested is by how much.
  const found = lesionTest(
    cells.map(({ accuracy, own }) => -meanOver(accuracy.change, own)),
    cells.map(({ accuracy, own }) => Float64Array.from(accuracy.controls, (drawn) => -meanOver(drawn, own))),
  );
  return cells.map(({ accuracy, margin, topic, own }, k) => {
    const { sites, kind, dose, network, units, change, controls } = accuracy;
    const stream = randomStream(seed, 'lesion', 'pairs', sites, kind, dose, network, topic);
    const interval =
      own.length > 1
        ? resampledMeans([own.map((pair) => change[pair])], [1], stream)
        : { lower: Number.NaN, upper: Number.NaN };
    return {
      ...{ sites, kind, dose, network, units, topic, pairs: own.length, accuracy: meanOver(right(before), own) },
      ...{ change: meanOver(change, own), ...interval },
      ...{ margin: meanOver(before, own), margin_change: meanOver(margin, own), controls: controls.length },
      ...{ control_change: 0 - found.controlMean[k], control_spread: found.controlSpread[k] },
      ...{ p: found.p[k], p_over_matrix: found.familywise[k] },
      ...{ opposite_p: found.opposite[k], opposite_p_over_matrix: found.oppositeFamilywise[k] },
    };
  });
}
