import type { LesionComparison, LesionRow, LesionSelectivity } from '@galvani/artifact';
import { randomStream } from '@galvani/numerics';
import { lesionTest, resampledMeans } from '@galvani/statistics';
import { randomStringsTask } from '@galvani/study';
import type { LesionChanges } from './lesion-changes.js';

/** Texts of one topic, as positions among all texts. */
export interface TopicTexts {
  topic: string;
  texts: number[];
}

export const meanOver = (values: Float64Array, texts: readonly number[]) =>
  texts.reduce((sum, t) => sum + values[t], 0) / texts.length;

/** The texts of each topic that were read under a lesion. */
const readTopics = ({ change }: LesionChanges, topics: readonly TopicTexts[]): TopicTexts[] =>
  topics.map(({ topic, texts }) => ({ topic, texts: texts.filter((t) => Number.isFinite(change[t])) }));

/** Rows of the matrix of topics and networks, for lesions of one kind and dose in the same sites. */
export function matrixRows(
  lesions: readonly LesionChanges[],
  topics: readonly TopicTexts[],
  untouched: Float64Array,
  seed: number,
): LesionRow[] {
  const cells = lesions.flatMap((lesion) => readTopics(lesion, topics).map((topic) => ({ lesion, topic })));
  const found = lesionTest(
    cells.map(({ lesion, topic }) => meanOver(lesion.change, topic.texts)),
    cells.map(({ lesion, topic }) => Float64Array.from(lesion.controls, (own) => meanOver(own, topic.texts))),
  );
  return cells.map(
    ({ lesion: { change, controls, imbalance: _, comparisons: __, ...lesion }, topic: { topic, texts } }, k) => {
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
    },
  );
}

/** By how much more each lesion changes its own topic than the others; none of a network whose topic has no texts, or is the only one. */
export function selectivityRows(
  lesions: readonly LesionChanges[],
  topics: readonly TopicTexts[],
  seed: number,
): LesionSelectivity[] {
  const tested = testedOf(lesions, topics).map((lesion) => ({ lesion, read: readTopics(lesion, topics) }));
  const found = lesionTest(
    tested.map(({ lesion, read }) => selectivityOf(lesion.network, read, lesion.change).selectivity),
    tested.map(({ lesion, read }) =>
      Float64Array.from(lesion.controls, (own) => selectivityOf(lesion.network, read, own).selectivity),
    ),
  );
  return tested.map(({ lesion: { change, controls, imbalance, comparisons: _, ...lesion }, read }, k) => {
    const weights = weightsOf(lesion.network, read);
    const groups = read.filter((_, g) => weights[g] !== 0).map(({ texts }) => texts.map((t) => change[t]));
    const stream = randomStream(seed, 'lesion', 'selectivity', lesion.sites, lesion.kind, lesion.dose, lesion.network);
    return {
      ...{ ...lesion, ...selectivityOf(lesion.network, read, change) },
      ...resampledMeans(
        groups,
        weights.filter((weight) => weight !== 0),
        stream,
      ),
      ...{ controls: controls.length, control_selectivity: found.controlMean[k] },
      ...{ control_spread: found.controlSpread[k], p: found.p[k], p_over_networks: found.familywise[k] },
      ...{ opposite_p: found.opposite[k], opposite_p_over_networks: found.oppositeFamilywise[k] },
      ...{ mean_imbalance: imbalance.mean, spread_imbalance: imbalance.spread },
    };
  });
}

/** The same of other units than the network's: what each sort of them does to its topic and to the others. */
export function comparisonRows(lesions: readonly LesionChanges[], topics: readonly TopicTexts[]): LesionComparison[] {
  return testedOf(lesions, topics).flatMap((lesion) => {
    const { units: _, change, controls, imbalance, comparisons, ...what } = lesion;
    const read = readTopics(lesion, topics);
    const network = selectivityOf(lesion.network, read, change).selectivity;
    return [{ against: 'matched', draws: controls, imbalance }, ...comparisons].map(({ against, draws, imbalance }) => {
      const each = draws.map((own) => selectivityOf(lesion.network, read, own));
      const selective = each.map(({ selectivity }) => selectivity);
      const own = each.map((row) => row.own);
      const reached = selective.filter((value) => value >= network).length;
      return {
        ...{ ...what, against, draws: draws.length, own: mean(own), others: mean(each.map(({ others }) => others)) },
        ...{ selectivity: mean(selective), spread: deviation(selective), own_spread: deviation(own) },
        p: draws.length > 1 ? (reached + 1) / (draws.length + 1) : Number.NaN,
        ...{ mean_imbalance: imbalance.mean, spread_imbalance: imbalance.spread },
      };
    });
  });
}

/** Lesions of networks whose topic has texts, and is not the only one. */
const testedOf = (lesions: readonly LesionChanges[], topics: readonly TopicTexts[]) =>
  lesions.filter(
    ({ network }) =>
      topics.some(({ topic }) => topic === network) && topics.some(({ topic }) => isOther(network, topic)),
  );

/**
 * Own topic less the mean of the others. Random strings are none of the others: a model is surer of what follows them than it has reason
 * to be, so whatever makes it less sure of anything lowers their loss, by more than a topic's changes.
 */
function weightsOf(network: string, topics: readonly TopicTexts[]): number[] {
  const others = topics.filter(({ topic }) => isOther(network, topic)).length;
  return topics.map(({ topic }) => (topic === network ? 1 : isOther(network, topic) ? -1 / others : 0));
}

const isOther = (network: string, topic: string) => topic !== network && topic !== randomStringsTask;

/** Change of the network's own topic, the mean of the others' changes, and the difference. */
function selectivityOf(network: string, topics: readonly TopicTexts[], change: Float64Array) {
  const changes = topics.map(({ texts }) => meanOver(change, texts));
  const own = changes[topics.findIndex(({ topic }) => topic === network)];
  const selectivity = weightsOf(network, topics).reduce((sum, weight, k) => sum + weight * changes[k], 0);
  return { own, others: own - selectivity, selectivity };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** NaN for one value. */
const deviation = (values: readonly number[]) => {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
};
