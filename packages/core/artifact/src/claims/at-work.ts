import { join } from 'node:path';
import { namesIn, readOwner } from './claim.js';
import { lifeOf, type Owner } from './owner.js';

/** A part of a study that a command is writing. */
export interface PartAtWork {
  /** `glm`, `extract/<run>` */
  part: string;
  owner: Owner;
}

/** The parts that commands are writing now, from their claims in `folder`; without those of processes that are no more. Changes nothing. */
export function partsAtWork(folder: string): PartAtWork[] {
  return namesIn(folder)
    .filter((name) => name.endsWith('.write'))
    .flatMap((name) =>
      namesIn(join(folder, name)).flatMap((each) => {
        const owner = readOwner(join(folder, name, each));
        const part = decodeURIComponent(name.slice(0, -'.write'.length));
        return owner && lifeOf(owner) !== 'dead' ? [{ part, owner }] : [];
      }),
    )
    .sort((a, b) => (a.part < b.part ? -1 : 1));
}
