import { join } from 'node:path';
import { stageRow } from '@galvani/pipeline';
import type { Share } from '@galvani/terminal';
import type { Stage } from '../stage-plan.js';
import type { StudyFolder } from '../study-folder.js';

/** In a stage's folder: where shares lie until all are there. Who lists artifacts passes over names that begin with a dot. */
export const sharesFolder = '.shares';

/** `layers-2-of-8` */
export function shareName(stage: Stage, { number, of }: Share): string {
  return `${stageRow(stage).divided}-${number}-of-${of}`;
}

/** The share that a name of `shareName` means; undefined for another. */
export function shareNamed(name: string): Share | undefined {
  const found = /^[a-z]+-(\d+)-of-(\d+)$/.exec(name);
  return found ? { number: Number(found[1]), of: Number(found[2]) } : undefined;
}

/** Relative to the study, and how commands claim it: `glm/.shares/layers-2-of-8`. */
export const shareFolder = (stage: Stage, share: Share) => `${stage}/${sharesFolder}/${shareName(stage, share)}`;

export const sharePath = (folder: StudyFolder, stage: Stage, share: Share) =>
  join(folder[stage], sharesFolder, shareName(stage, share));

/** All shares of a division. */
export const sharesOf = (of: number): Share[] => Array.from({ length: of }, (_, k) => ({ number: k + 1, of }));

/** The pieces of a share among all: from which, and before which. Neighbours, in numbers as equal as can be; none where there are fewer than shares. */
export function piecesOf({ number, of }: Share, pieces: number): { from: number; until: number } {
  return { from: Math.floor(((number - 1) * pieces) / of), until: Math.floor((number * pieces) / of) };
}
