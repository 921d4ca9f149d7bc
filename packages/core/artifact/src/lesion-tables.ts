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
  /** One-sided, that control units raise the loss as much; and over all topics and networks of this kind of lesion and dose. */
  p: 'float64',
  p_over_matrix: 'float64',
  /** The same for the other side: that control units raise it as little. */
  opposite_p: 'float64',
  opposite_p_over_matrix: 'float64',
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
