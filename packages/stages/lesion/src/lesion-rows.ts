import type { LesionRow, LesionSelectivity } from '@galvani/artifact';
import { randomStream } from '@galvani/numerics';
import { lesionTest, resampledMeans } from '@galvani/statistics';

/** What a lesion of a network did to each text, and what those of its controls did. */
export interface LesionChanges extends Pick<LesionRow, 'sites' | 'kind' | 'dose' | 'network' | 'units'> {
  /** Change of each text's loss. */
  change: Float64Array;
  /** [controls] of the same. */
  controls: Float64Array[];
  imbalance: { mean: number; spread: number };
}

/** Texts of one topic, as positions among all texts. */
export interface TopicTexts {
  topic: string;
  texts: number[];
}

const meanOver = (values: Float64Array, texts: readonly number[]) =>
  texts.reduce((sum, t) => sum + values[t], 0) / texts.length;

/** Rows of the matrix of topics and networks, for lesions of one kind and dose in the same sites. */
export function matrixRows(
  lesions: readonly LesionChanges[],
  topics: readonly TopicTexts[],
  untouched: Float64Array,
  seed: number,
): LesionRow[] {
  const cells = lesions.flatMap((lesion) => topics.map((topic) => ({ lesion, topic })));
  const found = lesionTest(
    cells.map(({ lesion, topic }) => meanOver(lesion.change, topic.texts)),
    cells.map(({ lesion, topic }) => Float64Array.from(lesion.controls, (own) => meanOver(own, topic.texts))),
  );
  return cells.map(({ lesion: { change, controls, imbalance: _, ...lesion }, topic: { topic, texts } }, k) => {
    const stream = randomStream(
      seed,
      'lesion',
      'interval',
      lesion.sites,
      lesion.kind,
      lesion.dose,
      lesion.network,
      topic,
    );
    return {
      ...{ ...lesion, topic, texts: texts.length, loss: meanOver(untouched, texts), change: meanOver(change, texts) },
      ...resampledMeans([texts.map((t) => change[t])], [1], stream),
      ...{ controls: controls.length, control_change: found.controlMean[k], control_spread: found.controlSpread[k] },
      ...{ p: found.p[k], p_over_matrix: found.familywise[k] },
      ...{ opposite_p: found.opposite[k], opposite_p_over_matrix: found.oppositeFamilywise[k] },
    };
  });
}

/** By how much more each lesion changes its own topic than the others; none of a network whose topic has no texts, or is the only one. */
export function selectivityRows(
  lesions: readonly LesionChanges[],
  topics: readonly TopicTexts[],
  seed: number,
): LesionSelectivity[] {
  const tested = lesions.filter(({ network }) => topics.length > 1 && topics.some(({ topic }) => topic === network));
  const weightsOf = ({ network }: LesionChanges) =>
    topics.map(({ topic }) => (topic === network ? 1 : -1 / (topics.length - 1)));
  const selectivityOf = (lesion: LesionChanges, change: Float64Array) =>
    weightsOf(lesion).reduce((sum, weight, k) => sum + weight * meanOver(change, topics[k].texts), 0);
  const found = lesionTest(
    tested.map((lesion) => selectivityOf(lesion, lesion.change)),
    tested.map((lesion) => Float64Array.from(lesion.controls, (own) => selectivityOf(lesion, own))),
  );
  return tested.map((whole, k) => {
    const { change, controls, imbalance, ...lesion } = whole;
    const own = meanOver(change, topics.find(({ topic }) => topic === lesion.network)!.texts);
    const selectivity = selectivityOf(whole, change);
    const groups = topics.map(({ texts }) => texts.map((t) => change[t]));
    const stream = randomStream(seed, 'lesion', 'selectivity', lesion.sites, lesion.kind, lesion.dose, lesion.network);
    return {
      ...{ ...lesion, own, others: own - selectivity, selectivity },
      ...resampledMeans(groups, weightsOf(whole), stream),
      ...{ controls: controls.length, control_selectivity: found.controlMean[k] },
      ...{ control_spread: found.controlSpread[k], p: found.p[k], p_over_networks: found.familywise[k] },
      ...{ opposite_p: found.opposite[k], opposite_p_over_networks: found.oppositeFamilywise[k] },
      ...{ mean_imbalance: imbalance.mean, spread_imbalance: imbalance.spread },
    };
  });
}
