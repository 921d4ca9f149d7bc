import { randomUUID } from 'node:crypto';
import { copyFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { makeFolder, readJsonFile, readTextFileIfThere, whileWriting } from '@galvani/terminal';
import { readShardIndex } from '../weights/shard-index.js';
import type { Licence } from './licence.js';

/** Default folder of downloads, shared with Python's huggingface_hub: HF_HUB_CACHE, HF_HOME/hub or ~/.cache/huggingface/hub. */
export function defaultCacheDir(environment: NodeJS.ProcessEnv = process.env): string {
  const { HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = environment;
  if (HF_HUB_CACHE) return HF_HUB_CACHE;
  return join(HF_HOME || join(XDG_CACHE_HOME || join(homedir() || userInfo().homedir, '.cache'), 'huggingface'), 'hub');
}

/**
 * Where one repository lies in the cache, in huggingface_hub's layout: `blobs/<checksum>`, `snapshots/<commit>/<file>` being
 * links to blobs, and `refs/<revision>` naming a commit.
 */
export interface RepositoryCache {
  blob(checksum: string): string;
  snapshot(commit: string): string;
  /** The commit that a revision stood for when it was last looked up. */
  readRef(revision: string): Promise<string | undefined>;
  writeRef(revision: string, commit: string): Promise<void>;
  /** Files of a snapshot that were downloaded and verified, undefined if it is not whole. */
  readRecord(commit: string): Promise<SnapshotRecord | undefined>;
  writeRecord(commit: string, record: SnapshotRecord): Promise<void>;
  /** Makes a verified blob appear in a snapshot under its name. */
  link(commit: string, file: string, checksum: string): Promise<void>;
  /** Whether a snapshot that another program made holds a config and whole weights. */
  isUsable(commit: string): Promise<boolean>;
}

export interface SnapshotRecord {
  files: { path: string; size: number }[];
  licence: Licence;
}

export function repositoryCache(cacheDir: string, repo: string): RepositoryCache {
  const root = join(cacheDir, `models--${repo.replaceAll('/', '--')}`);
  const snapshot = (commit: string) => join(root, 'snapshots', commit);
  const blob = (checksum: string) => join(root, 'blobs', checksum);
  const ref = (revision: string) => join(root, 'refs', revision);
  const record = (commit: string) => join(root, 'galvani', `${commit}.json`);
  const sizeOf = async (path: string) => (await stat(path).catch(() => undefined))?.size;
  return {
    blob,
    snapshot,
    async readRef(revision) {
      const commit = (await readTextFileIfThere(ref(revision)).catch(() => undefined))?.trim();
      return commit !== undefined && /^[0-9a-f]{40}$/.test(commit) ? commit : undefined;
    },
    writeRef: (revision, commit) => writeWhole(ref(revision), commit),
    async readRecord(commit) {
      try {
        const held = (await readJsonFile(record(commit))) as SnapshotRecord;
        for (const { path, size } of held.files)
          if ((await sizeOf(join(snapshot(commit), path))) !== size) return undefined;
        return held.files.length > 0 ? held : undefined;
      } catch {
        return undefined;
      }
    },
    writeRecord: (commit, held) => writeWhole(record(commit), `${JSON.stringify(held, null, 2)}\n`),
    async link(commit, file, checksum) {
      const path = join(snapshot(commit), file);
      await makeFolder(dirname(path));
      const beside = `${path}.${randomUUID()}`;
      // Where links are not allowed (Windows without developer mode) the file is copied.
      await symlink(relative(dirname(path), blob(checksum)), beside).catch(() => copyFile(blob(checksum), beside));
      await rename(beside, path);
    },
    async isUsable(commit) {
      const there = async (file: string) => (await sizeOf(join(snapshot(commit), file))) !== undefined;
      if (!(await there('config.json'))) return false;
      for (const name of ['model.safetensors', 'pytorch_model.bin']) {
        if (await there(name)) return true;
        if (!(await there(`${name}.index.json`))) continue;
        const shards = await readShardIndex(join(snapshot(commit), `${name}.index.json`));
        const sizes = await Promise.all([...shards.keys()].map(sizeOf));
        if (sizes.every((size) => size !== undefined)) return true;
      }
      return false;
    },
  };
}

/** A small file that appears whole or not at all. */
async function writeWhole(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomUUID()}`;
  await whileWriting(path, async () => {
    try {
      await makeFolder(dirname(path));
      await writeFile(beside, text);
      await rename(beside, path);
    } finally {
      await rm(beside, { force: true }).catch(() => undefined);
    }
  });
}
