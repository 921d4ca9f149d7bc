import { resolve } from 'node:path';
import { rememberedDigest } from '@galvani/artifact';
import { fetchFromHub, subjectFiles } from '@galvani/model';
import { type ModelSource, portable, type StudyFolder } from '@galvani/study';
import { formatBytes, note } from '@galvani/terminal';

/** Where the model's files lie. A model of the Hub is downloaded if it is not there yet, and its licence named. */
export async function locateModel(source: ModelSource, root: string, signal?: AbortSignal): Promise<string> {
  if ('path' in source) return resolve(root, source.path);
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

/**
 * SHA-256 of the model's files, by path in the workspace: inputs of a recording, so that later stages see whether another
 * model lies there now. None of a model of the Hub, whose revision says what it is.
 */
export async function modelInputs(
  source: ModelSource,
  path: string,
  { workspace, verified }: StudyFolder,
): Promise<Record<string, string>> {
  const inputs: Record<string, string> = {};
  if (workspace === undefined || !('path' in source)) return inputs;
  for (const file of await subjectFiles(path))
    inputs[portable(workspace, file)] = await rememberedDigest(file, verified);
  return inputs;
}
