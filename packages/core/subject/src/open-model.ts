import { rememberedDigest } from '@galvani/artifact';
import { locateModel, subjectFiles } from '@galvani/model';
import { cacheFolder, type ModelSource, portable, type StudyFolder, verifiedFolder } from '@galvani/study';
import { modelDigest } from './store/model-digest.js';
import { removeTwin, twinDigest, twinFolder } from './store/twins.js';

/** A study's subject, found. */
export interface OpenModel {
  /** Where its files lie; of a twin those of its original. */
  path: string;
  /** SHA-256 of the model; of a twin that of its original. */
  sha256: string;
  /** Its identity in cache keys. */
  digest: string;
  /** Where the files lie that are loaded: a twin is made when it is asked for, if it is not there yet. */
  files(memory?: string): Promise<string>;
  /** Removes what was made of it, which is made again when it is asked for: a twin's files. */
  discard(): Promise<void>;
}

/** Where a subject's files lie, of a twin those of its original. That is known before they are read, minutes for a large one. */
export const locateSubject = (source: ModelSource, root: string, signal?: AbortSignal): Promise<string> =>
  locateModel('twin' in source ? source.twin : source, root, signal);

/**
 * Finds the subject. A twin's identity follows from its original's, so that recordings of it are found without making it.
 *
 * @param store the folder of the store, where twins are kept
 * @param found where `locateSubject` found it, if that was asked
 */
export async function openModel(
  source: ModelSource,
  root: string,
  store: string,
  signal?: AbortSignal,
  found?: string,
): Promise<OpenModel> {
  const path = found ?? (await locateSubject(source, root, signal));
  const sha256 = await modelDigest(path, verifiedFolder(root), signal);
  if (!('twin' in source))
    return { path, sha256, digest: sha256, files: async () => path, discard: async () => undefined };
  const twin = { of: sha256, seed: source.seed };
  const digest = await twinDigest(twin);
  const places = [store, cacheFolder(root)];
  return {
    ...{ path, sha256, digest },
    files: (memory) => twinFolder(path, { ...twin, digest }, places, memory),
    discard: () => removeTwin(digest, places),
  };
}

/**
 * SHA-256 of the model's files, by path in the workspace: inputs of a recording, so that later stages see whether another
 * model lies there now; of a twin those of its original. None of a model of the Hub, whose revision says what it is.
 */
export async function modelInputs(
  source: ModelSource,
  path: string,
  { workspace, verified }: StudyFolder,
): Promise<Record<string, string>> {
  const inputs: Record<string, string> = {};
  const given = 'twin' in source ? source.twin : source;
  if (workspace === undefined || !('path' in given)) return inputs;
  for (const file of await subjectFiles(path))
    inputs[portable(workspace, file)] = await rememberedDigest(file, verified);
  return inputs;
}
