import type { UnitChange } from '@galvani/model';
import type { ComparedLesions, Comparison } from './network-lesions.js';
import type { PlannedLesion } from './planned-lesions.js';

/** A planned lesion without the changes that it makes: what tables say of it, and how many masks there are. */
export interface LesionOutline extends Pick<PlannedLesion, 'sites' | 'kind' | 'dose' | 'network' | 'units'> {
  controls: OutlinedSets;
  comparisons: OutlinedSets[];
}

export interface OutlinedSets extends Omit<ComparedLesions, 'changes'> {
  against: Comparison;
  count: number;
}

export function outlineOf({ sites, kind, dose, network, units, controls, comparisons }: PlannedLesion): LesionOutline {
  const sets = ({ against, changes, imbalance }: ComparedLesions) => ({ against, count: changes.length, imbalance });
  return { sites, kind, dose, network, units, controls: sets(controls), comparisons: comparisons.map(sets) };
}

/** All lesions that read the same texts: those of a network. */
export interface Reading {
  lesions: LesionOutline[];
  /** Places of the texts. */
  texts: number[];
  /** Masks: the untouched model first, then for each lesion its own, those of its controls and those of its comparisons. */
  masks: number;
}

/** @param isRead whether a text is read under the lesions of a network */
export function readingsOf(
  lesions: readonly LesionOutline[],
  texts: number,
  isRead: (network: string, text: number) => boolean,
): Reading[] {
  return [...new Set(lesions.map(({ network }) => network))].map((network) => {
    const own = lesions.filter((lesion) => lesion.network === network);
    return {
      lesions: own,
      texts: Array.from({ length: texts }, (_, t) => t).filter((t) => isRead(network, t)),
      masks: own.reduce((sum, lesion) => sum + masksOf(lesion), 1),
    };
  });
}

const masksOf = ({ controls, comparisons }: LesionOutline) =>
  comparisons.reduce((sum, { count }) => sum + count, 1 + controls.count);

/** The masks of the lesions of a network, in the order that `Reading` says. */
export const masksUnder = (lesions: readonly PlannedLesion[]): UnitChange[][] => [
  [],
  ...lesions.flatMap(({ changes, controls, comparisons }) => [
    changes,
    ...controls.changes,
    ...comparisons.flatMap((own) => own.changes),
  ]),
];

/** Masks of a reading that are read side by side. */
export interface MaskBatch {
  /** Place among readings. */
  reading: number;
  first: number;
  count: number;
  /** As many copies of a text are read for each batch of the reading: products of another size may differ in last bits. */
  copies: number;
}

/** Copies of a text that share a pass over the weights. */
const mostCopies = 64;

/** All masks in batches, which may be read apart: what a mask gives depends on nothing but its reading's number of masks. */
export function batchesOf(readings: readonly Reading[]): MaskBatch[] {
  return readings.flatMap(({ masks }, reading) => {
    const copies = Math.ceil(masks / Math.ceil(masks / mostCopies));
    return Array.from({ length: Math.ceil(masks / copies) }, (_, b) => ({
      ...{ reading, first: b * copies, count: Math.min(copies, masks - b * copies), copies },
    }));
  });
}
