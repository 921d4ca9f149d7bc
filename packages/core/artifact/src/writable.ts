import { mkdtemp, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { describeSystemError, Failure, isSystemError, UserMistake } from '@galvani/terminal';

/**
 * Checks, before long work, that a file can be written where a person wants it: in a folder that is there, or can be made.
 * @param kind the extension of such a file, `.arrow`
 * @param option what the person gave the path with
 * @throws UserMistake for a folder, a device, or a place where nothing can be written
 */
export async function requireWritableFile(path: string, kind: string, option = '--out'): Promise<void> {
  const found = await statIfThere(path, option, path);
  if (found?.isDirectory())
    throw new UserMistake(
      `${option} ${path} is a folder; give the name of the file to write, such as ${join(path, `${basename(resolve(path)) || 'galvani'}${kind}`)}.`,
    );
  if (found && !found.isFile())
    throw new UserMistake(`${option} ${path} is not a regular file; give the name of a file to write.`);
  await requireWritableFolder(dirname(path), option, path);
}

/** The same for a folder that is to be written, or made. `asked`: what the person gave, if that is not the folder itself. */
export async function requireWritableFolder(folder: string, option = '--out', asked = folder): Promise<void> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = await statIfThere(at, option, asked);
    if (!found && at !== dirname(at)) continue;
    if (!found?.isDirectory())
      throw new UserMistake(
        `${option} ${asked} cannot be written: ${at} is a file and not a folder. Give another name.`,
      );
    // Making something is the only sure answer: permissions say little of root, network disks and /proc.
    const made = await mkdtemp(join(at, '.galvani-')).catch((error) => {
      if (error.code !== 'ENOENT') refuse(error, option, asked, at);
      throw new UserMistake(`${option} ${asked} cannot be written: nothing can be made in ${at}. Give another name.`);
    });
    await rmdir(made);
    return;
  }
}

/** Endings by which other programs tell what a table or an array is in. */
const endings = {
  Arrow: ['.arrow', '.feather', '.ipc'],
  Parquet: ['.parquet', '.pq'],
  text: ['.csv', '.tsv', '.txt'],
  JSON: ['.json', '.jsonl', '.ndjson'],
  another: ['.npy', '.npz', '.h5', '.hdf5', '.mat', '.pt', '.safetensors', '.xlsx', '.yaml', '.yml'],
};

/** Checks that a file's name does not promise another format than it will have. @throws UserMistake */
export function requireEnding(path: string, format: 'Arrow' | 'Parquet', option = '--out'): void {
  const ending = extname(path).toLowerCase();
  const promised = Object.entries(endings).find(([, own]) => own.includes(ending))?.[0] ?? format;
  if (promised === format) return;
  const better = `${path.slice(0, path.length - ending.length)}${endings[format][0]}`;
  throw new UserMistake(
    `${option} ${path} would hold ${format}, which its ending does not say: give another name, such as ${better}.`,
  );
}

async function statIfThere(path: string, option: string, asked: string) {
  return stat(path).catch((error: NodeJS.ErrnoException) =>
    ['ENOENT', 'ENOTDIR'].includes(error.code ?? '') ? undefined : refuse(error, option, asked, path),
  );
}

function refuse(error: unknown, option: string, asked: string, at: string): never {
  if (!isSystemError(error)) throw error;
  const { reason, cure } = describeSystemError(error);
  if (['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EIO'].includes(error.code ?? ''))
    throw new Failure(`${asked} could not be written: ${reason}. ${cure}`, { cause: error });
  const where = at === asked ? '' : ` in ${at}`;
  throw new UserMistake(`${option} ${asked} cannot be written${where}: ${reason}. ${cure}`, { cause: error });
}
