import { Failure, UserMistake } from '@galvani/terminal';
import { listFiles, modelInfo } from '@huggingface/hub';
import { type HubAccess, hubGet } from './hub-request.js';
import type { Licence } from './licence.js';
import { readLicence } from './licence.js';
import type { HubFile } from './needed-files.js';

/** The commit that a revision stands for now, and the model card's licence. */
export async function resolveRevision(access: HubAccess): Promise<{ commit: string; licence: Licence }> {
  const info = await ask(access, () =>
    modelInfo({
      name: access.repo,
      revision: access.revision,
      hubUrl: access.endpoint,
      additionalFields: ['sha', 'cardData', 'tags'],
      fetch: asFetch(access),
    }),
  );
  if (typeof info.sha !== 'string' || !/^[0-9a-f]{40}$/.test(info.sha))
    throw new Failure(`${access.endpoint} does not say which commit ${access.repo} (${access.revision}) is.`);
  return { commit: info.sha, licence: readLicence(info.cardData, info.tags) };
}

/** The files at the root of a repository at a commit, with sizes and checksums. */
export async function listRepository(access: HubAccess, commit: string): Promise<HubFile[]> {
  const files: HubFile[] = [];
  await ask(access, async () => {
    const listing = listFiles({
      repo: { type: 'model', name: access.repo },
      revision: commit,
      hubUrl: access.endpoint,
      fetch: asFetch(access),
    });
    for await (const { type, path, size, oid, lfs } of listing) {
      if (type !== 'file' || typeof path !== 'string' || !Number.isSafeInteger(size) || size < 0) continue;
      const sha256 = lfs?.oid?.replace(/^sha256:/, '');
      if (sha256 && /^[0-9a-f]{64}$/.test(sha256))
        files.push({ path, size: lfs?.size ?? size, checksum: { algorithm: 'sha256', hex: sha256 } });
      else if (oid && /^[0-9a-f]{40}$/.test(oid))
        files.push({ path, size, checksum: { algorithm: 'git-sha1', hex: oid } });
    }
  });
  return files;
}

/** The library asks with our own requests, which know about tokens, redirects and busy servers. */
function asFetch(access: HubAccess): typeof fetch {
  return (input, init) => {
    const headers = Object.fromEntries(new Headers(init?.headers));
    return hubGet(access, String(input instanceof Request ? input.url : input), headers);
  };
}

async function ask<T>(access: HubAccess, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserMistake || error instanceof Failure) throw error;
    access.signal?.throwIfAborted();
    throw new Failure(
      `${access.endpoint} answered ${access.repo} with something that is not the Hub's protocol: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}
