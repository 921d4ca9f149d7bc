import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  canonicalJson,
  damagedOutputs,
  manifestName,
  readManifest,
  type StudyFolder,
  sha256,
  sweepPartial,
  writeFileWhole,
  writeManifest,
} from '@galvani/artifact';
import { Failure, readTextFileIfThere } from '@galvani/terminal';
import type { Plan, Slices } from './plan.js';

/** Writes `plan/<slice>.json` for every slice, canonically, then the manifest; nothing where that is what is there. */
export async function writeSlices(folder: StudyFolder, { slices }: Pick<Plan, 'slices'>): Promise<void> {
  const texts = Object.entries(slices).map(([name, slice]) => [`${name}.json`, canonicalJson(slice)] as const);
  const manifest = {
    stage: 'plan',
    parameters: {},
    inputs: {},
    outputs: Object.fromEntries(
      texts.map(([name, text]) => [name, { sha256: sha256(text), bytes: Buffer.byteLength(text) }]),
    ),
    facts: { runs: slices.runs.length, tasks: slices.design.tasks.length },
  };
  const there = await readManifest(folder.plan).catch(() => undefined);
  const same = there && canonicalJson(there.outputs) === canonicalJson(manifest.outputs);
  if (same && (await damagedOutputs(folder.plan, there)).length === 0) return;
  await sweepPartial(folder.plan);
  await rm(join(folder.plan, manifestName), { force: true });
  for (const [name, text] of texts) await writeFileWhole(join(folder.plan, name), text);
  await writeManifest(folder.plan, manifest);
}

/** Reads one slice, as the plan stage wrote it. @throws Failure if there is no plan or it was altered */
export async function readSlice<K extends keyof Slices>(folder: StudyFolder, name: K): Promise<Slices[K]> {
  const path = join(folder.plan, `${name}.json`);
  const manifest = await readManifest(folder.plan);
  if (!manifest) throw new Failure(`${join(folder.plan, manifestName)} is missing: run the plan stage first.`);
  const text = await readTextFileIfThere(path);
  if (text === undefined) throw new Failure(`${path} is missing: run the plan stage first.`);
  if (sha256(text) !== manifest.outputs[`${name}.json`]?.sha256)
    throw new Failure(`${path} differs from its checksum in ${manifestName}: run the plan stage again.`);
  return JSON.parse(text) as Slices[K];
}
