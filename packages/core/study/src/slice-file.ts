import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  canonicalJson,
  type StudyFolder,
  sha256,
  sweepPartial,
  writeFileWhole,
  writeManifest,
} from '@galvani/artifact';
import { Failure, readTextFileIfThere } from '@galvani/terminal';
import type { Plan, Slices } from './plan.js';

/** Writes `plan/<slice>.json` for every slice, canonically, then the manifest. A slice that is unchanged keeps its bytes. */
export async function writeSlices(folder: StudyFolder, plan: Plan): Promise<void> {
  await sweepPartial(folder.plan);
  await rm(join(folder.plan, 'manifest.json'), { force: true });
  const outputs: Record<string, { sha256: string; bytes: number }> = {};
  for (const [name, slice] of Object.entries(plan.slices)) {
    const text = canonicalJson(slice);
    await writeFileWhole(join(folder.plan, `${name}.json`), text);
    outputs[`${name}.json`] = { sha256: sha256(text), bytes: Buffer.byteLength(text) };
  }
  const facts = { runs: plan.runs.length, tasks: plan.study.tasks.length };
  await writeManifest(folder.plan, { stage: 'plan', parameters: {}, inputs: {}, outputs, facts });
}

/** Reads one slice. The plan stage has checked it, so it is trusted. */
export async function readSlice<K extends keyof Slices>(folder: StudyFolder, name: K): Promise<Slices[K]> {
  const path = join(folder.plan, `${name}.json`);
  const text = await readTextFileIfThere(path);
  if (text === undefined) throw new Failure(`${path} is missing: run the plan stage first.`);
  try {
    return JSON.parse(text) as Slices[K];
  } catch (cause) {
    throw new Failure(`${path} is damaged: run the plan stage again.`, { cause });
  }
}
