import { type RowOf, tableFormat } from './table-format.js';

/** `steer/shift.parquet`: a row for each task and strength: how the topic of what the model writes shifts along the task's network, and at what cost. */
export const steerTable = tableFormat({
  task: 'text',
  /** 1 adds the units' task minus rest effect, 0 is the untouched model, below 0 the effect is taken away. */
  strength: 'float64',
  /** Units that something is added to. */
  units: 'int32',
  /** Openings that were continued. */
  openings: 'int32',
  /** Probability of the task that the decoder of texts gives what was written, mean over openings. */
  probability: 'float64',
  /** By how much it is above that of the untouched model's text. */
  shift: 'float64',
  /** Its 95% interval, over openings. */
  lower: 'float64',
  upper: 'float64',
  /** Random directions: as many units of each site, with an offset of equal norm. */
  directions: 'int32',
  /** Mean, standard deviation, least and most over random directions. */
  random_shift: 'float64',
  random_spread: 'float64',
  random_least: 'float64',
  random_most: 'float64',
  /** One-sided, that random directions shift as much; and over all tasks and strengths. NaN at strength 0. */
  p: 'float64',
  p_over_family: 'float64',
  /** The same for the other side: that random directions shift as little. */
  opposite_p: 'float64',
  opposite_p_over_family: 'float64',
  /** Loss, in the untouched model, of what was written, in nats a token; and mean over random directions. */
  text_loss: 'float64',
  random_text_loss: 'float64',
  /** By how much the steered model's loss on unseen rest texts is above the untouched model's, in nats a token; and mean over random directions. */
  read_change: 'float64',
  random_read_change: 'float64',
});

/** `steer/decoder.parquet`: a row for each session: the topic of its untouched texts, from a decoder of texts that learnt from the others. */
export const steerDecoderTable = tableFormat({
  session: 'int32',
  /** Texts that the untouched model wrote on prompts of tasks. */
  texts: 'int32',
  /** Texts whose task is found. */
  right: 'int32',
  /** Topics that it tells apart, rest among them: by chance one in so many is right. */
  topics: 'int32',
});

/** `steer/samples.parquet`: a row for each text of a few openings: each task and strength, along the network and along one random direction. */
export const steerSampleTable = tableFormat({
  task: 'text',
  strength: 'float64',
  /** `network` or `random`. */
  direction: 'text',
  prompt_id: 'text',
  opening: 'text',
  /** What the model wrote after the opening. */
  text: 'text',
  /** Probability of the task that the decoder gives it. */
  probability: 'float64',
  /** Its loss in the untouched model, in nats a token. */
  loss: 'float64',
});

export type SteerRow = RowOf<typeof steerTable>;
export type SteerSample = RowOf<typeof steerSampleTable>;
