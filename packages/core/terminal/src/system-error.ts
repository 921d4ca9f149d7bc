import { Failure } from './mistake.js';

/** An error of the operating system: it has a number, a code such as ENOSPC, and often the path. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  const { errno, code } = (error ?? {}) as NodeJS.ErrnoException;
  return error instanceof Error && typeof errno === 'number' && typeof code === 'string';
}

/** Whether nothing may be written where something tried to. */
export const forbidsWriting = (error: unknown): boolean =>
  ['EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');

/** Why nothing can be written, such as 'the disk is full', where that is what an error says, or what caused it. */
export function whyUnwritable(error: unknown): string | undefined {
  const of = isSystemError(error) ? error : (error as Error | undefined)?.cause;
  const unwritable = isSystemError(of) && (forbidsWriting(of) || ['ENOSPC', 'EDQUOT'].includes(of.code ?? ''));
  return unwritable ? describeSystemError(of).reason : undefined;
}

const again = 'run the same command again';
const space = `Free some space and ${again}.`;

/** For each code what is wrong, and what to do. */
const sentences: Readonly<Record<string, readonly [reason: string, cure: string]>> = {
  ENOSPC: ['the disk is full', space],
  EDQUOT: ['your quota on this disk is used up', space],
  EFBIG: [
    'it would be larger than a file may be here',
    `Raise the limit (ulimit -f) or choose another disk, and ${again}.`,
  ],
  EROFS: ['the disk can only be read', 'Choose a folder that can be written.'],
  EACCES: ['permission is denied', 'Choose another folder, or have its owner allow it.'],
  EPERM: ['the system does not permit it', 'Choose another folder, or have its owner allow it.'],
  EISDIR: ['it is a folder and not a file', 'Give another name, or move the folder away.'],
  ENOTDIR: ['a part of its path is a file and not a folder', 'Give another name, or move the file away.'],
  EEXIST: ['something else stands in its place', 'Give another name, or move it away.'],
  ENOENT: ['it does not exist', `Check its name and ${again}.`],
  ENAMETOOLONG: ['its name is too long for the disk', 'Choose shorter names.'],
  ELOOP: ['its links lead in a circle', 'Mend the links.'],
  EMFILE: ['too many files are open at once', `Raise the limit (ulimit -n) and ${again}.`],
  ENFILE: ['too many files are open on this machine', `Wait until other programs have closed some and ${again}.`],
  ENOMEM: ['the memory is used up', `Free some memory and ${again}.`],
  EIO: ['the disk reports an error', `Check the disk (dmesg) before you ${again}.`],
  ESTALE: ['the network disk has lost it', `Mount the disk anew and ${again}.`],
};

/** What went wrong, such as 'the disk is full', and what to do about it, each in plain words. */
export function describeSystemError(error: NodeJS.ErrnoException): { reason: string; cure: string } {
  const [reason, cure] = sentences[error.code ?? ''] ?? [error.message, `Mend the cause and ${again}.`];
  return { reason, cure };
}

/**
 * Does what writes `path`. `left` says what is there after an error.
 * @throws Failure that names the file, where the system refuses; whatever else `write` throws passes
 */
export async function whileWriting<T>(
  path: string,
  write: () => Promise<T>,
  left = 'Nothing half-written was kept.',
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const { reason, cure } = describeSystemError(error);
    throw new Failure(`${path} could not be written: ${reason}. ${left} ${cure}`, {
      cause: error,
    });
  }
}
