import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { canonicalJson, sha256, writeFileWhole } from '@galvani/artifact';
import { digestSubject, modelFolders } from '@galvani/model';
import { readTextFileIfThere } from '@galvani/terminal';

/** Below this, hashing is as quick as remembering. */
const quickBytes = 64e6;

/**
 * A model's digest. That of a large model is remembered in the store under its files' names, sizes, inodes and times of
 * change, so that 24 runs do not read gigabytes 24 times.
 */
export async function modelDigest(path: string, storeFolder: string): Promise<string> {
  if (!(await stat(path).catch(() => undefined))) return digestSubject(path);
  const files = (await Promise.all(modelFolders(path).map(filesIn))).flat();
  if (files.reduce((sum, { size }) => sum + size, 0) < quickBytes) return digestSubject(path);
  const state = sha256(canonicalJson({ path: resolve(path), files: files.map(({ name, state }) => [name, ...state]) }));
  const memory = join(storeFolder, 'models', state);
  const known = await readTextFileIfThere(memory).catch(() => undefined);
  if (known !== undefined && /^[0-9a-f]{64}$/.test(known)) return known;
  const digest = await digestSubject(path);
  await writeFileWhole(memory, digest).catch(() => undefined);
  return digest;
}

/** What is known of a folder's files without reading them. */
async function filesIn(folder: string): Promise<{ name: string; size: number; state: string[] }[]> {
  const names = await readdir(folder).catch(() => []);
  const found = names.sort().map(async (name) => {
    const about = await stat(join(folder, name), { bigint: true }).catch(() => undefined);
    if (!about) return [];
    const { size, ino, mtimeNs, ctimeNs } = about;
    return [{ name: join(folder, name), size: Number(size), state: [size, ino, mtimeNs, ctimeNs].map(String) }];
  });
  return (await Promise.all(found)).flat();
}
