import { type RowOf, tableFormat } from './table-format.js';

/** What a lesion is, in both tables. */
const lesion = {
  /** Kind of site, or pattern of site names, as study.yaml has it. */
  sites: 'text',
  /** What takes the units' place: `mean` over rest prompts, `zero`, or `resample`, what they did in a rest prompt. */
  kind: 'text',
  /** Share of the network's members that is lesioned, strongest first. */
  dose: 'float64',
  /** Whose network. */
  network: 'text',
} as const;

/** A test of a cell of topics and networks. */
const overMatrix = {
  /** One-sided, that control units do as much harm; and over all topics and networks of this kind of lesion and dose. */
  p: 'float64',
  p_over_matrix: 'float64',
  /** The same for the other side: that control units do as little. */
  opposite_p: 'float64',
  opposite_p_over_matrix: 'float64',
} as const;

/**
 * `lesion/matrix.parquet`: a row for each lesion and each topic whose unseen texts were read: by how much the loss changes, in nats a token.
 */
export const lesionTable = tableFormat({
  ...lesion,
  /** Units that are lesioned. */
  units: 'int32',
  /** Topic of the texts: a task, or `rest` for texts of all rest topics. */
  topic: 'text',
  texts: 'int32',
  /** Mean loss of the untouched model. */
  loss: 'float64',
  /** Mean change of a text's loss. */
  change: 'float64',
  /** Its 95% interval, over texts. */
  lower: 'float64',
  upper: 'float64',
  controls: 'int32',
  /** Mean and standard deviation over controls: as many units of each site, matched in mean and spread at rest. */
  control_change: 'float64',
  control_spread: 'float64',
  ...overMatrix,
});

/** `lesion/selectivity.parquet`: a row for each lesion: by how much more it changes the loss of its own topic's texts than that of the others. */
export const lesionSelectivityTable = tableFormat({
  ...lesion,
  /** Units that are lesioned. */
  units: 'int32',
  /** Change of the loss of its own topic's texts, in nats a token; then the mean over the other topics, and the difference. */
  own: 'float64',
  others: 'float64',
  selectivity: 'float64',
  /** Its 95% interval, over texts. */
  lower: 'float64',
  upper: 'float64',
  controls: 'int32',
  /** Mean and standard deviation over controls. */
  control_selectivity: 'float64',
  control_spread: 'float64',
  /** One-sided, that control units are as selective; and over the networks of this kind of lesion and dose. */
  p: 'float64',
  p_over_networks: 'float64',
  /** The same for the other side. */
  opposite_p: 'float64',
  opposite_p_over_networks: 'float64',
  /** How far controls are from the network in mean activity at rest, and in the logarithm of its spread, in standard deviations over a site's units; of sites the mean, by members. */
  mean_imbalance: 'float64',
  spread_imbalance: 'float64',
});

/**
 * `lesion/comparisons.parquet`: a row for each lesion of the largest dose and each sort of other units, as many in each site: how much
 * they change the network's own topic and the others.
 */
export const lesionComparisonTable = tableFormat({
  ...lesion,
  /**
   * Which units: `matched`, the controls; `random`, any units that networks count; `bottom`, those with the least t; `twin`, those with the
   * largest t in the untrained twin.
   */
  against: 'text',
  /** Sets of such units; bottom and twin are one. */
  draws: 'int32',
  /** Means over the sets, as in selectivity.parquet; and the standard deviation over sets of the difference, NaN for one. */
  own: 'float64',
  others: 'float64',
  selectivity: 'float64',
  spread: 'float64',
  /** Standard deviation over sets of the change of the own topic. */
  own_spread: 'float64',
  /** One-sided: share of the sets that are as selective as the network, which is counted among them; NaN for one. */
  p: 'float64',
  /** How far these units are from the network's at rest, as in selectivity.parquet. */
  mean_imbalance: 'float64',
  spread_imbalance: 'float64',
});

/** `lesion/pairs.parquet`: a row for each lesion and each topic of a person's pairs: how often the model finds the good text of a pair the more probable. */
export const lesionPairTable = tableFormat({
  ...lesion,
  /** Units that are lesioned. */
  units: 'int32',
  topic: 'text',
  pairs: 'int32',
  /** Share of pairs that the untouched model gets right. */
  accuracy: 'float64',
  /** Change of that share under the lesion, with its 95% interval over pairs. */
  change: 'float64',
  lower: 'float64',
  upper: 'float64',
  /** Mean over pairs of log probability of good less that of bad, in nats, in the untouched model; and its change. */
  margin: 'float64',
  margin_change: 'float64',
  controls: 'int32',
  /** Mean and standard deviation over matched controls of the change of the share. */
  control_change: 'float64',
  control_spread: 'float64',
  ...overMatrix,
});

/** `lesion/texts.parquet`: a row for each text that was read, in the order of `topic`. */
export const lesionTextTable = tableFormat({
  topic: 'text',
  prompt_id: 'text',
  tokens: 'int32',
  /** Mean of its tokens' negative log probabilities, from the second on, in nats, of the untouched model. */
  loss: 'float64',
});

export type LesionRow = RowOf<typeof lesionTable>;
export type LesionSelectivity = RowOf<typeof lesionSelectivityTable>;
export type LesionComparison = RowOf<typeof lesionComparisonTable>;
export type LesionPairRow = RowOf<typeof lesionPairTable>;
export type LesionTextRow = RowOf<typeof lesionTextTable>;
