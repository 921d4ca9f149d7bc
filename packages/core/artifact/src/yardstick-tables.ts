import { type RowOf, tableFormat } from './table-format.js';

/**
 * `yardstick/topics.parquet`: a row for each rest topic with enough prompts and for each task, each tried with equally many prompts
 * against twice as many rest prompts of the same runs. Measures are means over draws of prompts.
 */
export const yardstickTopicTable = tableFormat({
  topic: 'text',
  /** `task`, or `rest` for a topic that nobody asked about. */
  role: 'text',
  /** Prompts that the study presented. */
  presented: 'int32',
  /** Prompts of each draw, the same for all topics. */
  prompts: 'int32',
  draws: 'int32',
  /** Units in the network by the study's own rule. */
  members: 'float64',
  /**
   * Mean over units of the squared difference from other topics, in variances of prompts within topics. Its two factors come from
   * disjoint halves of the prompts, so that it is without bias whatever their number: 0 is no difference, and it may be below.
   */
  squared_effect: 'float64',
  /** Pearson correlation over units of the maps of disjoint halves of the prompts. */
  repeatability: 'float64',
  /** Share of draws in which the map of one half is most like (cosine) the other half's of the same topic, among all topics and tasks. */
  identified: 'float64',
  /** For a task (1 + rest topics with at least as much) / (1 + rest topics), else NaN; likewise for the other measures. */
  p_members: 'float64',
  p_squared_effect: 'float64',
  p_repeatability: 'float64',
  p_identified: 'float64',
});

/**
 * `yardstick/contrasts.parquet`: a row for each task and each group of topics, tested against rest topics with topics as the sample. The
 * maps are in `yardstick/<map>/`.
 */
export const topicContrastTable = tableFormat({
  contrast: 'text',
  /** Folder of the map. */
  map: 'text',
  /** Topics of the group, separated by spaces. */
  group: 'text',
  /** Rest topics that it is compared with. */
  rest_topics: 'int32',
  /** Labellings of topics behind family-wise p. */
  labellings: 'int32',
  /** The least family-wise p that so many topics can give. */
  smallest_p: 'float64',
  /** Units that vary. */
  units: 'int32',
  /** Units that count whose family-wise p is at most `networks.alpha`. */
  members: 'int32',
  /** t of the largest size, and its family-wise p. */
  largest_t: 'float64',
  p: 'float64',
  /** Mean over units of the share of prompts' variance that lies between topics. */
  between_share: 'float64',
});

/**
 * `yardstick/ranks.parquet`: a row for each measure of `topics.parquet`: whether tasks, together, have more of it than rest topics. Wilcoxon's
 * rank sum, exact; tasks were chosen, so that p is of any so many topics having as high ranks.
 */
export const yardstickRankTable = tableFormat({
  /** `squared_effect`, `members`, `repeatability`, `identified`. */
  measure: 'text',
  tasks: 'int32',
  rest_topics: 'int32',
  /** Share of pairs of a task and a rest topic in which the task has more, ties counting half, and its 95% interval. */
  superiority: 'float64',
  lower: 'float64',
  upper: 'float64',
  /** That tasks have more. */
  p: 'float64',
  /** That they have less. */
  opposite_p: 'float64',
  /** The least p that so many topics can give. */
  smallest_p: 'float64',
});

export type YardstickRank = RowOf<typeof yardstickRankTable>;
export type YardstickTopic = RowOf<typeof yardstickTopicTable>;
export type TopicContrast = RowOf<typeof topicContrastTable>;
