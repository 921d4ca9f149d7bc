import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  canonicalJson,
  damagedOutputs,
  type Manifest,
  manifestName,
  readManifest,
  sweepPartial,
} from '@galvani/artifact';
import type { StoredRun } from '@galvani/subject';

/** What a request says that a run's manifest would say. */
type Wanted = Pick<Manifest, 'stage' | 'plan' | 'parameters' | 'inputs'>;

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

/** What a folder holds if that is what this request would record: the same request in its manifest, and every file as written. */
export async function wholeRun(
  target: string,
  wanted: Wanted,
  memory: string | undefined,
): Promise<StoredRun | undefined> {
  const found = await manifestOf(target, wanted);
  if (!found) return undefined;
  const { outputs, facts } = found;
  return (await damagedOutputs(target, found, { memory })).length === 0 ? { outputs, facts } : undefined;
}

/** Removes what an earlier extraction left, the manifest first. */
export async function emptyRun(target: string): Promise<void> {
  await rm(join(target, manifestName), { force: true });
  await sweepPartial(target);
  await rm(target, { recursive: true, force: true });
}
