import { type RowOf, tableFormat } from './table-format.js';

/**
 * `power/power.parquet`: what fewer prompts, sessions or tokens of a recorded study would have found, and what more prompts are expected to. A
 * row for each choice and task, and one for all tasks (`task` empty; means over tasks). Means over draws; NaN where a number is not defined.
 */
export const powerTable = tableFormat({
  /** What was varied: `prompts` of each block, `sessions`, `tokens` of each prompt; or `expected`, with prompts that nobody recorded. */
  varied: 'text',
  task: 'text',
  prompts_per_block: 'int32',
  sessions: 'int32',
  /** The first so many tokens of each prompt; 0 for all. */
  tokens: 'int32',
  /** Choices of prompts or sessions, drawn at random or all that there are. */
  draws: 'int32',
  /** Units in the network by the study's own rule. */
  members: 'float64',
  /** Share of the whole study's network that is found with the same sign. */
  found: 'float64',
  /** Dice with the whole study's network, of units with the same sign. */
  dice: 'float64',
  /** The same of the networks of two choices of this size with no prompt in common; NaN where there are not so many prompts. */
  repeat_dice: 'float64',
  /** Correlation over units of the maps (Cohen's d) of two such choices. */
  repeat_correlation: 'float64',
  /** Share of choices whose map is most correlated with that of the other choice of the same task, among those of all tasks. */
  identified: 'float64',
  /**
   * Expected share of units to be found, among those like the members of a network: members by all sessions but one, with the effects that the one
   * left out shows.
   */
  power: 'float64',
});

export type Power = RowOf<typeof powerTable>;

/** Prompts of a block that a study needs. */
export interface PromptsNeeded {
  count: number;
  /** Whether so many are enough; else they are the most that was asked about. */
  enough: boolean;
}

/** The least number of prompts of a block whose expected power is as wanted; undefined where no power is known. @param task empty for all */
export function promptsNeeded(rows: readonly Power[], task: string, wanted = 0.8): PromptsNeeded | undefined {
  const own = rows
    .filter((row) => row.varied === 'expected' && row.task === task && Number.isFinite(row.power))
    .sort((a, b) => a.prompts_per_block - b.prompts_per_block);
  const first = own.find(({ power }) => power >= wanted);
  const last = first ?? own.at(-1);
  return last && { count: last.prompts_per_block, enough: first !== undefined };
}
