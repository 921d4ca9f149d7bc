import { bonferroni } from './bonferroni.js';
import { benjaminiHochberg, benjaminiYekutieli } from './false-discovery-rate.js';
import { holm } from './holm.js';
import { hommel } from './hommel.js';

/** Corrections for many units that need nothing but each unit's p, by the names that calibrations print. */
export const corrections = {
  none: (logP: Float64Array) => logP.slice(),
  bonferroni: (logP: Float64Array) => bonferroni(logP),
  holm,
  hommel,
  bh: benjaminiHochberg,
  by: benjaminiYekutieli,
} as const satisfies Record<string, (logP: Float64Array) => Float64Array>;
