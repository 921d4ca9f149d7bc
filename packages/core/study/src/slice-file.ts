import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  canonicalJson,
  damagedOutputs,
  type Manifest,
  manifestName,
  readManifest,
  sha256,
  sweepPartial,
  withClaims,
  writeFileWhole,
  writeManifest,
} from '@galvani/artifact';
import { Failure, readTextFileIfThere } from '@galvani/terminal';
import type { Plan, Slices } from './plan.js';
import type { StudyFolder } from './study-folder.js';

/** The text of each slice, by its file's name. */
const textsOf = ({ slices }: Pick<Plan, 'slices'>) =>
  Object.entries(slices).map(([name, slice]) => [`${name}.json`, canonicalJson(slice)] as const);

function manifestOf(plan: Pick<Plan, 'slices'>) {
  return {
    stage: 'plan',
    parameters: {},
    inputs: {},
    outputs: Object.fromEntries(
      textsOf(plan).map(([name, text]) => [name, { sha256: sha256(text), bytes: Buffer.byteLength(text) }]),
    ),
    facts: { runs: plan.slices.runs.length, tasks: plan.slices.design.tasks.length },
  };
}

/** Whether the slices on disk are those of a manifest, and whole. */
async function isWritten(folder: StudyFolder, { outputs }: Pick<Manifest, 'outputs'>): Promise<boolean> {
  const there = await readManifest(folder.plan).catch(() => undefined);
  if (!there || canonicalJson(there.outputs) !== canonicalJson(outputs)) return false;
  return (await damagedOutputs(folder.plan, there)).length === 0;
}

/** Writes `plan/<slice>.json` for every slice, canonically, then the manifest; nothing where that is what is there. */
export async function writeSlices(folder: StudyFolder, plan: Pick<Plan, 'slices'>): Promise<void> {
  const manifest = manifestOf(plan);
  if (await isWritten(folder, manifest)) return;
  await sweepPartial(folder.plan);
  await rm(join(folder.plan, manifestName), { force: true });
  for (const [name, text] of textsOf(plan)) await writeFileWhole(join(folder.plan, name), text);
  await writeManifest(folder.plan, manifest);
}

/**
 * Settles the plan that a study's stages follow, then does `work`; until that is done, no other command changes the plan. A
 * plan that is there already is left as it is, beside others at work with it; to change it waits for them.
 */
export async function withPlan<T>(
  folder: StudyFolder,
  plan: Pick<Plan, 'slices'>,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const asItIs = await withClaims(folder, { read: ['plan'] }, signal, async (both) =>
    (await isWritten(folder, manifestOf(plan))) ? { result: await work(both) } : undefined,
  );
  if (asItIs) return asItIs.result;
  return withClaims(folder, { write: ['plan'] }, signal, async (both, { toReading }) => {
    await writeSlices(folder, plan);
    toReading();
    return work(both);
  });
}

/** Reads all that the plan stage wrote. @throws as `readSlice` */
export async function readPlan(folder: StudyFolder): Promise<Slices> {
  return {
    design: await readSlice(folder, 'design'),
    extract: await readSlice(folder, 'extract'),
    runs: await readSlice(folder, 'runs'),
    glm: await readSlice(folder, 'glm'),
    networks: await readSlice(folder, 'networks'),
    decode: await readSlice(folder, 'decode'),
    report: await readSlice(folder, 'report'),
  };
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
