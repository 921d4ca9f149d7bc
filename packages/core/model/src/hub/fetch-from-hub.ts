import { basename, join } from 'node:path';
import { UserMistake } from '@galvani/terminal';
import { readShardIndex } from '../weights/shard-index.js';
import { downloadFile } from './download-file.js';
import { defaultCacheDir, type RepositoryCache, repositoryCache } from './hub-cache.js';
import { listRepository, resolveRevision } from './hub-listing.js';
import type { HubAccess } from './hub-request.js';
import { type Licence, licenceNotice } from './licence.js';
import { type HubFile, neededFiles } from './needed-files.js';

export interface HubRequest {
  /** `facebook/galactica-125m`. */
  repo: string;
  /** A branch, a tag or a commit. Default: `main`. */
  revision?: string;
  /** Default: HF_HUB_CACHE, HF_HOME/hub or ~/.cache/huggingface/hub. */
  cacheDir?: string;
  /** Default: HF_ENDPOINT or https://huggingface.co. */
  endpoint?: string;
  /** Default: HF_TOKEN. */
  token?: string;
  /** Use only what was downloaded before. Default: HF_HUB_OFFLINE. */
  offline?: boolean;
  onProgress?(progress: HubProgress): void;
  signal?: AbortSignal;
  /** Waits between two attempts, in ms; tests pass one that does not wait. */
  sleep?(milliseconds: number): Promise<void>;
}

/** How far a download is, in bytes over all files that are known to be needed. */
export interface HubProgress {
  file: string;
  received: number;
  total: number;
}

/** A model's files on this machine. */
export interface HubModel {
  /** A folder in the layout that `loadSubject` reads. */
  folder: string;
  /** The 40 hex digits of the commit: with it as `revision` a run can be repeated without the network. */
  commit: string;
  /** As the Hub spells it, `cc-by-nc-4.0`; undefined if unknown. */
  licence?: string;
  /** A sentence about the licence for the person who runs the model. */
  notice: string;
}

const isCommit = (revision: string) => /^[0-9a-f]{40}$/.test(revision);

/**
 * Makes a model of the Hugging Face Hub available locally: config, tokenizer and weights (safetensors preferred), each
 * verified against the Hub's checksums. What is whole in the cache is not asked for again; a commit needs no network then.
 */
export async function fetchFromHub(request: HubRequest): Promise<HubModel> {
  const { repo, revision = 'main' } = request;
  checkNames(repo, revision);
  const endpoint = (request.endpoint ?? (process.env.HF_ENDPOINT || 'https://huggingface.co')).replace(/\/+$/, '');
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    throw new UserMistake(`HF_ENDPOINT is not an address of the form https://huggingface.co.`);
  const access: HubAccess = {
    endpoint,
    token: request.token ?? (process.env.HF_TOKEN?.trim() || undefined),
    repo,
    revision,
    signal: request.signal,
    sleep: request.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms))),
  };
  const cache = repositoryCache(request.cacheDir ?? defaultCacheDir(), repo);
  const offline = request.offline ?? /^(1|true|yes|on)$/i.test(process.env.HF_HUB_OFFLINE ?? '');
  if (offline) return fromCache(cache, repo, revision);

  let commit = isCommit(revision) ? revision : undefined;
  const known = commit ? await cache.readRecord(commit) : undefined;
  if (commit && known) return describe(cache, repo, commit, known.licence);
  const resolved = await resolveRevision(access);
  commit = resolved.commit;
  const { licence } = resolved;
  if (!(await cache.readRecord(commit))) {
    const files = await downloadSnapshot(access, cache, commit, request.onProgress);
    await cache.writeRecord(commit, { files: files.map(({ path, size }) => ({ path, size })), licence });
  }
  if (!isCommit(revision)) await cache.writeRef(revision, commit);
  return describe(cache, repo, commit, licence);
}

function checkNames(repo: string, revision: string): void {
  const name = /^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)?$/;
  if (!name.test(repo) || repo.includes('..') || repo.includes('--'))
    throw new UserMistake(
      `${JSON.stringify(repo)} is not the name of a model on the Hub, which has the form owner/name, as facebook/galactica-125m.`,
    );
  if (!/^[\w][\w./-]*$/.test(revision) || revision.includes('..') || revision.endsWith('/'))
    throw new UserMistake(`${JSON.stringify(revision)} is not a revision: a branch, a tag or a commit was expected.`);
}

async function fromCache(cache: RepositoryCache, repo: string, revision: string): Promise<HubModel> {
  const commit = isCommit(revision) ? revision : await cache.readRef(revision);
  const record = commit && (await cache.readRecord(commit));
  if (commit && record) return describe(cache, repo, commit, record.licence);
  // Another program, such as transformers, may have downloaded it.
  if (commit && (await cache.isUsable(commit)))
    return {
      folder: cache.snapshot(commit),
      commit,
      notice: `The licence of ${repo} is on its model card, which offline mode does not look up.`,
    };
  throw new UserMistake(
    `${repo} (revision ${revision}) is not in the cache, and offline mode is on. Run once without HF_HUB_OFFLINE to download it.`,
  );
}

function describe(cache: RepositoryCache, repo: string, commit: string, licence: Licence): HubModel {
  return {
    folder: cache.snapshot(commit),
    commit,
    licence: licence.id ?? licence.name,
    notice: licenceNotice(repo, licence),
  };
}

async function downloadSnapshot(
  access: HubAccess,
  cache: RepositoryCache,
  commit: string,
  onProgress?: HubRequest['onProgress'],
): Promise<HubFile[]> {
  const listed = await listRepository(access, commit);
  const { now, index } = neededFiles(listed, access.repo);
  let files = now;
  let received = 0;
  const get = async (file: HubFile) => {
    const total = files.reduce((sum, { size }) => sum + size, 0);
    const blob = cache.blob(file.checksum.hex);
    const report = (bytes: number) => {
      received += bytes;
      onProgress?.({ file: file.path, received, total });
    };
    const url = `${access.endpoint}/${access.repo}/resolve/${commit}/${encodeURIComponent(file.path)}`;
    await downloadFile(access, url, file, blob, report);
    await cache.link(commit, file.path, file.checksum.hex);
  };
  for (const file of now) await get(file);
  if (index) {
    const shards = await readShardIndex(join(cache.snapshot(commit), index.path));
    const missing = [...shards.keys()].map((path) => {
      const file = listed.find((f) => f.path === basename(path));
      if (!file) throw new UserMistake(`${access.repo} lacks ${basename(path)}, which its ${index.path} names.`);
      return file;
    });
    files = [...now, ...missing];
    for (const file of missing) await get(file);
  }
  return files;
}
