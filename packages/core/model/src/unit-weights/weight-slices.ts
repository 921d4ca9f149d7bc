import type { Site } from '../site.js';

/**
 * Where units of a site have a parameter's numbers of their own: rows of a product's weight [to, from] along axis 0, its columns
 * along axis 1, numbers of a bias or gain along axis 0. `places[i]` on that axis is of unit `units[i]`; a unit may have several (a
 * value that several heads read), and a place several units (a gain that all heads share).
 */
export interface WeightSlices {
  /** As transformers names it (`model.named_parameters()`). */
  parameter: string;
  shape: readonly number[];
  axis: 0 | 1;
  places: Int32Array;
  units: Int32Array;
}

/**
 * What else than a unit's own weights stands between it and the rest of the model: `attention` patterns, which multiply units with
 * units; the `stream` of the residual, which carries earlier layers' sums and is carried on to later ones; a norm's `statistics`, which every
 * unit has a part in; and, behind the head, the `softmax`.
 */
export type Passage = 'attention' | 'stream' | 'statistics' | 'softmax';

/** The weights that make a site's units what they are, and those that take them further. */
export interface SiteWeights {
  site: Site;
  writes: WeightSlices[];
  /** What it is written by besides: the stream of earlier layers, a norm's statistics. */
  writtenThrough: Passage[];
  reads: WeightSlices[];
  /** Ways in which units act that pass none of these weights; none: with zeros in place of what reads it, a unit does nothing. */
  readThrough: Passage[];
}
