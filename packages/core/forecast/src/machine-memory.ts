import { totalmem } from 'node:os';
import { UserMistake } from '@galvani/terminal';

/** Bytes of memory that a process may have: the machine's, or a container's limit. The environment's GALVANI_MEMORY_BYTES stands in for both. */
export function machineMemory(): number {
  const said = process.env.GALVANI_MEMORY_BYTES;
  if (said !== undefined) {
    if (!/^\d+$/.test(said))
      throw new UserMistake(`GALVANI_MEMORY_BYTES is '${said}'; it has to be a whole number of bytes.`);
    return Number(said);
  }
  // Without a limit it is 0, undefined, or a number beyond any machine's.
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}
