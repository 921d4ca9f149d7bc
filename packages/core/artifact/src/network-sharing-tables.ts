import { type RowOf, tableFormat } from './table-format.js';

/**
 * `networks/intersections.parquet`: a row for each set of tasks whose networks, and no others, have units in common; of at most ten
 * tasks also for sets of which chance would have at least one unit. Most units first.
 */
export const networkIntersectionTable = tableFormat({
  /** Tasks of the set, in the study's order, joined by ` + `. */
  tasks: 'text',
  /** How many they are. */
  networks: 'int32',
  /** Units that belong to exactly these networks, whatever their signs. */
  units: 'int32',
  /** Of these, units that respond in the same direction to all tasks of the set. */
  same: 'int32',
  /** Units on average, were each network's members placed anew in their own sites. */
  expected: 'float64',
});

/** `networks/specificity.parquet`: a row for each task; none for a study of one task. */
export const networkSpecificityTable = tableFormat({
  task: 'text',
  members: 'int32',
  /** Members that belong to no other task's network. */
  own: 'int32',
  /** own / members; NaN of an empty network. */
  own_share: 'float64',
  /** `own` on average, were each network's members placed anew in their own sites. */
  expected_own: 'float64',
  /** Members whose response exceeds the mean of the other tasks' in its direction, at a false discovery rate of `networks.alpha` over the members. */
  selective: 'int32',
  /** Median of the members' selectivity (see `selectivity.parquet`); large of itself, since members are chosen by the same prompts. */
  selectivity: 'float64',
  /**
   * Share of as many units of each sign, strongest in the other sessions, whose response in the session left out exceeds the mean of
   * the other tasks' there; mean over sessions. 0.5 is what unselective units give; NaN of one session.
   */
  held_out_selective: 'float64',
});

/** `networks/selectivity.parquet`: a row per member of a task's network; none for a study of one task. */
export const unitSelectivityTable = tableFormat({
  task: 'text',
  site: 'text',
  kind: 'text',
  layer: 'text',
  /** Index of the unit in its site, from 0. */
  unit: 'int32',
  /** Networks that it belongs to, this one among them. */
  networks: 'int32',
  /** Task minus rest of the same runs, in the unit's own units of activation. */
  effect: 'float64',
  /** Mean over the other tasks of the same. */
  others_effect: 'float64',
  /**
   * (effect - others_effect) / (|effect| + |others_effect|), signed like the effect: 1 where the other tasks do not move the unit, or move
   * it the other way, 0 where they move it as much, negative where more.
   */
  selectivity: 'float64',
  /** Of effect - others_effect, with Welch's degrees of freedom. */
  t: 'float64',
  /** Base-10 logarithm of the two-sided p of this unit alone. */
  log10_p: 'float64',
});

/** `networks/conjunctions.parquet`: a row for each conjunction of `glm.conjunctions`. */
export const networkConjunctionTable = tableFormat({
  conjunction: 'text',
  /** Its tasks, joined by ` + `. */
  tasks: 'text',
  /** Units that survive in the conjunction's map: the least of the tasks' statistics does, all of one sign. */
  members: 'int32',
  positive: 'int32',
  negative: 'int32',
  /** Units that belong to all of these tasks' networks with one sign. */
  in_networks: 'int32',
  /** These on average, were each network's members placed anew in their own sites. */
  expected_in_networks: 'float64',
});

export type NetworkIntersection = RowOf<typeof networkIntersectionTable>;
export type NetworkSpecificity = RowOf<typeof networkSpecificityTable>;
export type UnitSelectivity = RowOf<typeof unitSelectivityTable>;
export type NetworkConjunction = RowOf<typeof networkConjunctionTable>;
