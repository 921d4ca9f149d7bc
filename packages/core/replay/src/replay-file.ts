import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ActivationValues,
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
import { unitColumn } from './replay-rows.js';

/** What a replay that is kept is of, and from what it was made. */
export type ReplayIdentity = Pick<Manifest, 'parameters' | 'inputs'>;

const rowsName = 'rows.arrow';

/** `replay/<site>/<run>`; of a site's name what no folder's name may hold is written in percent. */
export const replayFolder = ({ root }: Pick<StudyFolder, 'root'>, site: string, run: string) =>
  join(root, 'replay', encodeURIComponent(site), run);

/**
 * `replay/<site>/<run>/rows.arrow`: a row for each row of tokens.parquet; one column, the site's, or a column `<site>.<unit>` for each of those
 * of its units that were asked for.
 */
export const replayPath = (folder: Pick<StudyFolder, 'root'>, site: string, run: string) =>
  join(replayFolder(folder, site, run), rowsName);

/** What is kept of a site and run. */
export interface KeptReplay {
  /** Units, ascending. Undefined: all of the site. */
  units?: readonly number[];
  /** Whether the log probability of every token was the recorded one. */
  sameProbabilities?: boolean;
}

/** What is kept of a site and run, if it is of the recording that is wanted, and whole. */
export async function keptReplay(
  folder: StudyFolder,
  site: string,
  run: string,
  { parameters, inputs }: ReplayIdentity,
): Promise<KeptReplay | undefined> {
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
  /** @param values of what is kept, [rows x units] */
  append(rows: number, values: ActivationValues): Promise<void>;
  /** Ends it: rows were appended in some order, of which `firstRows` says where each came to stand. */
  finish(firstRows: readonly number[], identity: ReplayIdentity, facts: Manifest['facts']): Promise<void>;
  abandon(): Promise<void>;
}

/**
 * Starts `replay/<site>/<run>`; what an earlier replay left there stays until the end.
 * @param units which are kept, ascending. Default: all
 */
export async function createReplay(
  folder: StudyFolder,
  { name, kind, width }: Site,
  run: string,
  storage: Storage,
  units?: readonly number[],
): Promise<ReplayWriter> {
  const place = replayFolder(folder, name, run);
  await sweepPartial(place);
  const columns = units
    ? units.map((unit) => ({ site: unitColumn(name, unit), kind, width: 1 }))
    : [{ site: name, kind, width }];
  const file = await createActivationFile(replayPath(folder, name, run), columns, storage);
  return {
    append: (rows, values) =>
      file.append(rows, units ? units.map((_, k) => strided(values, rows, units.length, k)) : [values]),
    abandon: file.abandon,
    async finish(firstRows, { parameters, inputs }, facts) {
      const order = firstRows.map((_, i) => i).sort((a, b) => firstRows[a] - firstRows[b]);
      await rm(join(place, manifestName), { recursive: true, force: true });
      const outputs = { [rowsName]: await file.finish(order) };
      const whole = { ...facts, ...(units && { units: [...units] }) };
      await writeManifest(place, { stage: 'replay', parameters, inputs, outputs, facts: whole });
      await rememberOutputs(place, outputs, folder.verified);
    },
  };
}

/** One column of rows x width. */
function strided(values: ActivationValues, rows: number, width: number, unit: number): ActivationValues {
  const own = values instanceof Float32Array ? new Float32Array(rows) : new Uint16Array(rows);
  for (let row = 0; row < rows; row++) own[row] = values[row * width + unit];
  return own;
}
