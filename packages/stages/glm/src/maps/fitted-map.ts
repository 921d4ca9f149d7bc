import type { FamilywiseNull, FamilywiseP } from '@galvani/statistics';
import type { PlannedMap } from './planned-maps.js';

/** One map over all layers, its statistics waiting in the spill. */
export interface FittedMap {
  map: PlannedMap;
  /** For each layer the state of its units. */
  flags: Uint8Array[];
  /** What the manifest and the map's file say of it: noise model, statistic, degrees of freedom. */
  facts: { noise: string; statistic: 't' | 'F' | 'z'; df: number | 'per unit' };
  /** More for the manifest: expression, task, run, relabellings, threshold. */
  description: Record<string, unknown>;
  /** The null distribution of the maximum, where there is one. */
  familywise?: FamilywiseNull;
  /** Whether what is relabelled is a statistic of its own, which the map shows too. */
  relabelledApart?: boolean;
  /** Of the same map of all tasks together. */
  overTasks?: FamilywiseP;
  /** For a conjunction the maps that it is made from. */
  members?: FittedMap[];
}
