import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  canonicalJson,
  damagedOutputs,
  digestOf,
  type Manifest,
  manifestName,
  readManifest,
  sha256,
  sweepPartial,
  withClaims,
  writeFileWhole,
  writeManifest,
} from '@galvani/artifact';
import { stageTable } from '@galvani/pipeline';
import { advised, Failure, readTextFileIfThere, UserMistake } from '@galvani/terminal';
import { isAbsent } from './absent.js';
import type { Plan } from './plan.js';
import { optionalStages, type PlannedParameters, type StageParameters } from './stage-parameters.js';
import type { StudyFolder } from './study-folder.js';

/** The text of each stage's parameters, by its file's name. */
const textsOf = ({ parameters }: Pick<Plan, 'parameters'>) =>
  Object.entries(parameters).map(([name, own]) => [`${name}.json`, canonicalJson(own)] as const);

function manifestOf(plan: Pick<Plan, 'parameters'>) {
  return {
    stage: 'plan',
    parameters: {},
    inputs: {},
    outputs: Object.fromEntries(
      textsOf(plan).map(([name, text]) => [name, { sha256: sha256(text), bytes: Buffer.byteLength(text) }]),
    ),
    facts: { runs: plan.parameters.runs.length, tasks: plan.parameters.design.tasks.length },
  };
}

/** SHA-256 of what the stages of a plan are told. */
export const digestOfPlan = (plan: Pick<Plan, 'parameters'>) => sha256(canonicalJson(manifestOf(plan).outputs));

/** The same of the plan that lies on disk, or stands in for it; undefined where the study is not planned. */
export async function planDigest(folder: StudyFolder): Promise<string | undefined> {
  if (folder.planned) return digestOfPlan({ parameters: folder.planned });
  const manifest = await readManifest(folder.plan);
  return manifest && sha256(canonicalJson(manifest.outputs));
}

/** Whether the parameters on disk are those of a manifest, and whole. */
async function isWritten(folder: StudyFolder, { outputs }: Pick<Manifest, 'outputs'>): Promise<boolean> {
  const there = await readManifest(folder.plan).catch(() => undefined);
  if (!there || canonicalJson(there.outputs) !== canonicalJson(outputs)) return false;
  return (await damagedOutputs(folder.plan, there)).length === 0;
}

/** Whether the plan that lies there is this one, and whole. */
export const isPlanned = (folder: StudyFolder, plan: Pick<Plan, 'parameters'>): Promise<boolean> =>
  isWritten(folder, manifestOf(plan));

/** Writes `plan/<name>.json` for the parameters of each stage, canonically, then the manifest; nothing where that is what is there. */
export async function writeParameters(folder: StudyFolder, plan: Pick<Plan, 'parameters'>): Promise<void> {
  const manifest = manifestOf(plan);
  if (await isWritten(folder, manifest)) return;
  await sweepPartial(folder.plan);
  await rm(join(folder.plan, manifestName), { recursive: true, force: true });
  for (const [name, text] of textsOf(plan)) {
    const path = join(folder.plan, name);
    // A file is replaced; a folder in its place would stay.
    if ((await stat(path).catch(() => undefined))?.isDirectory()) await rm(path, { recursive: true });
    await writeFileWhole(path, text);
  }
  await writeManifest(folder.plan, manifest);
}

/**
 * Settles the plan that a study's stages follow, then does `work`; until that is done, no other command changes the plan. A
 * plan that is there already is left as it is, beside others at work with it; to change it waits for them.
 */
export async function withPlan<T>(
  folder: StudyFolder,
  plan: Pick<Plan, 'parameters'>,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const asItIs = await withClaims(folder, { read: ['plan'] }, signal, async (both) =>
    (await isPlanned(folder, plan)) ? { result: await work(both) } : undefined,
  );
  if (asItIs) return asItIs.result;
  return withClaims(folder, { write: ['plan'] }, signal, async (both, { toReading }) => {
    await writeParameters(folder, plan);
    toReading();
    return work(both);
  });
}

/** Reads all that the plan stage wrote. @throws as `readPlanned` */
export async function readPlan(folder: StudyFolder): Promise<PlannedParameters> {
  const names = new Set(stageTable.flatMap(({ parameters }) => parameters.map((name) => name.split('.')[0])));
  const plan: Record<string, unknown> = {};
  for (const name of names) plan[name] = await readPlanned(folder, name as keyof PlannedParameters);
  return plan as unknown as PlannedParameters;
}

/**
 * A study for who only looks at it: where the plan that lies there cannot be read, it is taken to be of what study.yaml asks for.
 * @returns the study, and in a sentence what is wrong with its plan
 */
export async function readableStudy(
  folder: StudyFolder,
  asked: PlannedParameters,
): Promise<{ folder: StudyFolder; damage?: string }> {
  try {
    await readPlan(folder);
    return { folder };
  } catch (error) {
    if (!(error instanceof Failure || error instanceof UserMistake)) throw error;
    return { folder: { ...folder, planned: asked }, damage: error.message };
  }
}

/** Why a study has no such stage, in a sentence or two; undefined where it has. @throws as `readPlanned` */
export async function readAbsence(folder: StudyFolder, stage: string): Promise<string | undefined> {
  const optional = optionalStages.find((each) => each === stage);
  const told = optional && (await readPlanned(folder, optional));
  return told && isAbsent(told) ? told.absent : undefined;
}

/**
 * Reads the parameters of one stage.
 * @throws UserMistake where the study has no such stage, which says why
 * @throws Failure as `readPlanned`
 */
export async function readParameters<K extends keyof StageParameters>(
  folder: StudyFolder,
  name: K,
): Promise<StageParameters[K]> {
  const why = await readAbsence(folder, name);
  if (why !== undefined) throw new UserMistake(`the study has no ${name}. ${why}`);
  return (await readPlanned(folder, name)) as StageParameters[K];
}

/** What the plan stage wrote for one stage. @throws Failure if there is no plan or it was altered */
export async function readPlanned<K extends keyof PlannedParameters>(
  folder: StudyFolder,
  name: K,
): Promise<PlannedParameters[K]> {
  if (folder.planned) return folder.planned[name];
  const path = join(folder.plan, `${name}.json`);
  const manifest = await readManifest(folder.plan);
  if (!manifest)
    throw new Failure(
      `${join(folder.plan, manifestName)} is missing: nothing was planned there, and ${advised('run', 'all')} does all of it.`,
    );
  const text = await readTextFileIfThere(path);
  if (text === undefined) throw new Failure(`${path} is missing: run ${advised('plan', 'plan')} first.`);
  const listed = manifest.outputs[`${name}.json`];
  if (!listed || digestOf(listed) !== sha256(text))
    throw new Failure(`${path} differs from its checksum in ${manifestName}: run ${advised('plan', 'plan')} again.`);
  return JSON.parse(text) as PlannedParameters[K];
}
