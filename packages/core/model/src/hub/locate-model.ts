import { resolve } from 'node:path';
import { embeddedFile } from '@galvani/frog';
import { formatBytes, note } from '@galvani/terminal';
import { fetchFromHub } from './fetch-from-hub.js';

/** Where the model's files lie. A model of the Hub is downloaded if it is not there yet, and its licence named. */
export async function locateModel(
  source: { path: string } | { hub: string; revision: string },
  root: string,
  signal?: AbortSignal,
): Promise<string> {
  if ('path' in source) return embeddedFile(source.path) ?? resolve(root, source.path);
  let said = '';
  const { folder, notice } = await fetchFromHub({
    repo: source.hub,
    revision: source.revision,
    signal,
    onProgress({ file, total }) {
      if (file !== said) note(`fetching ${source.hub}: ${file} (${formatBytes(total)} in all)`);
      said = file;
    },
  });
  note(notice);
  return folder;
}

/** Where a model's files lie on this machine as it is, asking nobody. @throws UserMistake for a model of the Hub that was not downloaded */
export async function heldModel(source: Parameters<typeof locateModel>[0], root: string): Promise<string> {
  if ('path' in source) return embeddedFile(source.path) ?? resolve(root, source.path);
  return (await fetchFromHub({ repo: source.hub, revision: source.revision, offline: true })).folder;
}
