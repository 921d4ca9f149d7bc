import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it; nothing where it is there. Node's own `recursive` tries for ever where the system says
 * that a folder which is there is not, as /proc does.
 * @throws the system's error, which bears the path
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  try {
    await mkdirIfNew(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdirIfNew(path);
  }
}

async function mkdirIfNew(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    // What is there already is told in many ways: a disk that can only be read says so first.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || !(await isFolder(path))) throw error;
  }
}

const isFolder = async (path: string) => (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
