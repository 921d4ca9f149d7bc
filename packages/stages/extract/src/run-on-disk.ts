import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  canonicalJson,
  damagedOutputs,
  galvaniVersion,
  type Manifest,
  manifestName,
  readManifest,
  sweepPartial,
} from '@galvani/artifact';
import type { StoredRun } from '@galvani/subject';

/** What a request says that a run's manifest would say. */
type Wanted = Pick<Manifest, 'stage' | 'plan' | 'parameters' | 'inputs'>;

/** The manifest of a folder if it is of this request, whatever version of galvani wrote it. */
async function manifestOf(target: string, wanted: Wanted): Promise<Manifest | undefined> {
  const found = await readManifest(target).catch(() => undefined);
  if (!found) return undefined;
  const { stage, plan, parameters, inputs } = found;
  return canonicalJson({ stage, plan, parameters, inputs }) === canonicalJson(wanted) ? found : undefined;
}

/** Whether a folder has the manifest of what this request would record; its files are not looked at. */
export async function seemsRecorded(target: string, wanted: Wanted): Promise<boolean> {
  return (await manifestOf(target, wanted)) !== undefined;
}

/**
 * What a folder holds if that is what this request would record: the same request in its manifest, and every file as written. `otherVersion`: by
 * another version of galvani, whose code records the same.
 */
export async function wholeRun(
  target: string,
  wanted: Wanted,
  memory: string | undefined,
): Promise<{ stored: StoredRun; otherVersion: boolean } | undefined> {
  const found = await manifestOf(target, wanted);
  if (!found) return undefined;
  const { outputs, facts } = found;
  if ((await damagedOutputs(target, found, { memory })).length > 0) return undefined;
  return { stored: { outputs, facts }, otherVersion: found.galvani !== galvaniVersion };
}

/** Removes what an earlier extraction left, the manifest first. */
export async function emptyRun(target: string): Promise<void> {
  if ((await lstat(target).catch(() => undefined)) === undefined) return;
  await rm(join(target, manifestName), { recursive: true, force: true });
  await sweepPartial(target);
  await rm(target, { recursive: true, force: true });
}
