import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ActivationWriter,
  canonicalJson,
  createActivationFile,
  damagedOutputs,
  galvaniVersion,
  type Manifest,
  manifestName,
  readManifest,
  rememberOutputs,
  type Storage,
  sweepPartial,
  writeManifest,
} from '@galvani/artifact';
import type { Site } from '@galvani/model';
import type { StudyFolder } from '@galvani/study';

/** What a replay that is kept is of, and from what it was made. */
export type ReplayIdentity = Pick<Manifest, 'parameters' | 'inputs'>;

const rowsName = 'rows.arrow';

/** `replay/<site>/<run>`; of a site's name what no folder's name may hold is written in percent. */
export const replayFolder = ({ root }: Pick<StudyFolder, 'root'>, site: string, run: string) =>
  join(root, 'replay', encodeURIComponent(site), run);

/** `replay/<site>/<run>/rows.arrow`: a row for each row of tokens.parquet, one column. */
export const replayPath = (folder: Pick<StudyFolder, 'root'>, site: string, run: string) =>
  join(replayFolder(folder, site, run), rowsName);

/** What the manifest of a kept replay says of it, if it is the one that is wanted, and whole. */
export async function keptReplay(
  folder: StudyFolder,
  site: string,
  run: string,
  { parameters, inputs }: ReplayIdentity,
): Promise<Manifest['facts'] | undefined> {
  const place = replayFolder(folder, site, run);
  const found = await readManifest(place).catch(() => undefined);
  if (found?.stage !== 'replay' || found.galvani !== galvaniVersion) return undefined;
  const same = canonicalJson({ parameters, inputs }) === canonicalJson(pick(found));
  if (!same || !found.outputs[rowsName]) return undefined;
  return (await damagedOutputs(place, found, { memory: folder.verified })).length === 0 ? found.facts : undefined;
}

const pick = ({ parameters, inputs }: ReplayIdentity) => ({ parameters, inputs });

/** A replay of one site that is being written. */
export interface ReplayWriter {
  append: ActivationWriter['append'];
  /** Ends it: rows were appended in some order, of which `firstRows` says where each came to stand. */
  finish(firstRows: readonly number[], identity: ReplayIdentity, facts: Manifest['facts']): Promise<void>;
  abandon(): Promise<void>;
}

/** Starts `replay/<site>/<run>`, from which what an earlier replay left is removed. */
export async function createReplay(
  folder: StudyFolder,
  { name, kind, width }: Site,
  run: string,
  storage: Storage,
): Promise<ReplayWriter> {
  const place = replayFolder(folder, name, run);
  await rm(join(place, manifestName), { force: true });
  await sweepPartial(place);
  const file = await createActivationFile(replayPath(folder, name, run), [{ site: name, kind, width }], storage);
  return {
    append: file.append,
    abandon: file.abandon,
    async finish(firstRows, { parameters, inputs }, facts) {
      const order = firstRows.map((_, i) => i).sort((a, b) => firstRows[a] - firstRows[b]);
      const outputs = { [rowsName]: await file.finish(order) };
      await writeManifest(place, { stage: 'replay', parameters, inputs, outputs, facts });
      await rememberOutputs(place, outputs, folder.verified);
    },
  };
}
