import { basename, join } from 'node:path';
import {
  canonicalJson,
  damagedOutputs,
  digestOf,
  type Manifest,
  manifestName,
  readManifest,
  rememberedDigest,
  sha256OfFile,
} from '@galvani/artifact';
import { stageRow } from '@galvani/pipeline';
import { advised, detail, Failure, formatBytes, startProgress } from '@galvani/terminal';
import { missingFolders } from './missing-folders.js';
import { planDifferences } from './plan-difference.js';
import { commandOf, inArtifact, missingFailure } from './stage-command.js';
import { filesOutside, foldersOf, planOf, type Stage, stages, stagesRead } from './stage-plan.js';
import type { StudyFolder } from './study-folder.js';
import { located } from './workspace.js';

/** What the stages before one have written, found whole, of this plan and of each other. */
export interface Upstream {
  /** The plan that the stage follows, for its own manifest. */
  plan: Record<string, unknown>;
  /** By folder: `glm`, `extract/<run>`. A stage that never ran has none. */
  manifests: ReadonlyMap<string, Manifest>;
  /** Digest of every file in these folders, by path in the study: the stage's inputs. */
  inputs: Record<string, string>;
  /**
   * Sentences, each on something that was left out and why: optional stages that are of another plan; for a stage that works with
   * what is there, runs and folders that should be there.
   */
  leftOut: string[];
}

/** A folder with a manifest. */
export interface StageFolder {
  stage: Stage;
  name: string;
  path: string;
  manifest: Manifest;
}

/**
 * The one door to what earlier stages wrote. Every folder that `stage` reads must have its manifest, of the right stage, made
 * for the plan as it is now, and from the files that lie upstream now; every listed file must be there as it was written
 * (see `damagedOutputs`). What is further upstream is held against plan and files by its manifests alone.
 *
 * @throws Failure that names what is missing, damaged or of another plan, and what to run
 */
export async function openUpstream(folder: StudyFolder, stage: Stage, signal?: AbortSignal): Promise<Upstream> {
  const plan = await planOf(folder, stage);
  const direct = stagesRead(stage);
  const found = await readManifests(folder, [...direct, ...direct.flatMap(stagesRead)]);
  if (!stageRow(stage).partial) {
    const missing = await notFound(folder, direct, found);
    if (missing.length > 0) throw missingFailure(missing);
  }
  const stale = await staleFolders(folder, found);
  const fatal = stale.filter((each) => !stageRow(each.stage).byHand);
  if (fatal.length > 0) throw new Failure(staleSentence(fatal));
  const read = found.filter((each) => direct.includes(each.stage) && !stale.some(({ name }) => name === each.name));
  await requireUndamaged(folder, read, signal);
  detail(readSentence(stage, read));
  return {
    plan,
    manifests: new Map(read.map(({ name, manifest }) => [name, manifest])),
    inputs: Object.fromEntries(read.flatMap((each) => [...outputsOf(each)])),
    leftOut: [
      ...stale.map((each) => `${staleSentence([each], inArtifact)} It is left out.`),
      ...(stageRow(stage).partial ? await missingSentences(folder, direct, found) : []),
    ],
  };
}

/** Folders of stages that have no manifest. */
async function notFound(folder: StudyFolder, wanted: readonly Stage[], found: readonly StageFolder[]) {
  const all = await Promise.all(
    wanted.map(async (stage) => (await foldersOf(folder, stage)).map((each) => ({ stage, ...each }))),
  );
  return all.flat().filter(({ name }) => !found.some((own) => own.name === name));
}

/** `glm reads design (0.1 MB), extract in 12 runs (3.2 GB)` */
function readSentence(stage: Stage, read: readonly StageFolder[]): string {
  const parts = [...new Set(read.map((each) => each.stage))].map((each) => {
    const own = read.filter((folder) => folder.stage === each);
    const listed = own.flatMap(({ manifest }) => Object.values(manifest.outputs));
    const bytes = formatBytes(listed.reduce((sum, output) => sum + output.bytes, 0));
    return `${each}${own.length > 1 ? ` in ${own.length} runs` : ''} (${bytes})`;
  });
  return `${stage} reads ${parts.join(', ') || 'nothing of the study'}`;
}

/** What a stage that works with whatever is there has to do without, though it should be there. */
async function missingSentences(
  folder: StudyFolder,
  direct: readonly Stage[],
  found: readonly StageFolder[],
): Promise<string[]> {
  const missing = (await missingFolders(folder, found)).filter(({ stage }) => direct.includes(stage));
  const sentences: string[] = [];
  for (const stage of direct) {
    const own = missing.filter((each) => each.stage === stage);
    if (own.length === 0) continue;
    const [{ name, problem }] = own;
    const total = (await foldersOf(folder, stage)).length;
    const names = own.slice(0, 4).map((each) => each.name);
    if (own.length > names.length) names.push(`${own.length - names.length} more`);
    sentences.push(
      stageRow(stage).per === 'study'
        ? `${name} ${problem}. It is left out. Run ${commandOf(stage, inArtifact)}.`
        : `${total - own.length} of ${total} runs are there (${stage}); left out ${own.length > 1 ? 'are' : 'is'} ${names.join(', ')}. Run ${commandOf(stage, inArtifact)}.`,
    );
  }
  return sentences;
}

/**
 * The folders of some stages that have a manifest, in the order of stages.
 * @param onDamage told of a manifest that cannot be used, which is then left out
 * @throws Failure for such a manifest where nobody is to be told
 */
export async function readManifests(
  folder: StudyFolder,
  wanted: readonly Stage[],
  onDamage?: (name: string, failure: Failure) => void,
): Promise<StageFolder[]> {
  const found: StageFolder[] = [];
  for (const stage of stages.filter((each) => wanted.includes(each)))
    for (const { name, path } of await foldersOf(folder, stage)) {
      try {
        const manifest = await readManifest(path);
        if (!manifest) continue;
        if (manifest.stage !== stage)
          throw new Failure(
            `${join(path, manifestName)} is a manifest of the ${manifest.stage} stage: delete the folder and run ${commandOf(stage)} again.`,
          );
        found.push({ stage, name, path, manifest });
      } catch (error) {
        if (!onDamage || !(error instanceof Failure)) throw error;
        onDamage(name, error);
      }
    }
  return found;
}

/** A folder that is whole, but not of this plan or not of what lies upstream now. */
export interface StaleFolder {
  stage: Stage;
  name: string;
  /** `was made for another plan (seed: was 1, is 2)` */
  problem: string;
}

/** Those of the folders that do not belong to today's plan, or not to each other. */
export async function staleFolders(folder: StudyFolder, found: readonly StageFolder[]): Promise<StaleFolder[]> {
  const stale: StaleFolder[] = [];
  // A difference is told of the first stage that it concerns.
  const told = new Map<string, Stage>();
  const plans = new Map<Stage, Record<string, unknown>>();
  const digests = new Map<string, string | undefined>();
  for (const each of found) {
    const { stage, name, manifest } = each;
    const plan = plans.get(stage) ?? (await planOf(folder, stage));
    plans.set(stage, plan);
    if (canonicalJson(plan) !== canonicalJson(manifest.plan)) {
      const differences = planDifferences(manifest.plan, plan);
      const news = differences.filter((text) => (told.get(text) ?? stage) === stage);
      for (const text of news) told.set(text, stage);
      const said = (news.length > 0 ? news : differences).join('; ');
      stale.push({ stage, name, problem: `was made for another plan (${said})` });
      continue;
    }
    const outside = await filesOutside(folder, stage, Object.keys(manifest.inputs));
    const current = found.filter((own) => !stale.some((old) => old.name === own.name));
    const other = stageRow(stage).partial
      ? await otherManifest(each, current)
      : ((await otherOutside(folder, manifest, outside, digests)) ?? otherInput(each, outside, found));
    if (other) stale.push({ stage, name, problem: `was made from another ${other} than there is now` });
  }
  return stale;
}

/** The first input of a folder that is not what its upstream holds now; undefined if all are. */
function otherInput(
  { stage, name, manifest }: StageFolder,
  outside: readonly string[],
  found: readonly StageFolder[],
): string | undefined {
  for (const upstream of found.filter((each) => stagesRead(stage).includes(each.stage))) {
    const now = outputsOf(upstream);
    if (stageRow(stage).per === 'run') {
      const events = `design/${basename(name)}.parquet`;
      if (manifest.inputs[events] !== now.get(events)) return events;
      continue;
    }
    const within = Object.entries(manifest.inputs).filter(([path]) => path.startsWith(`${upstream.name}/`));
    const own = new Map(within.filter(([path]) => !outside.includes(path)));
    const odd = [...new Set([...now.keys(), ...own.keys()])].find((path) => own.get(path) !== now.get(path));
    if (odd) return odd;
  }
  return undefined;
}

/** The first manifest that a stage which works with what is there was made from, or would be made from now, and that has changed. */
async function otherManifest(
  { stage, manifest }: StageFolder,
  current: readonly StageFolder[],
): Promise<string | undefined> {
  const now = new Map<string, string>();
  for (const { stage: each, name, path } of current)
    if (stagesRead(stage).includes(each))
      // Who asks how far a study is claims nothing, so that another command may remove it at this moment.
      now.set(`${name}/${manifestName}`, await sha256OfFile(join(path, manifestName)).catch(() => 'gone'));
  const own = new Map(Object.entries(manifest.inputs).filter(([path]) => path !== `plan/${manifestName}`));
  return [...new Set([...now.keys(), ...own.keys()])].find((path) => own.get(path) !== now.get(path));
}

/** The first file outside the study that is there and not as it was read. `digests` keeps what several folders ask for. */
async function otherOutside(
  { workspace, verified }: StudyFolder,
  { inputs }: Manifest,
  outside: readonly string[],
  digests: Map<string, string | undefined>,
): Promise<string | undefined> {
  if (workspace === undefined) return undefined;
  for (const path of outside) {
    if (!digests.has(path))
      digests.set(path, await rememberedDigest(located(workspace, path), verified).catch(() => undefined));
    const now = digests.get(path);
    if (now !== undefined && now !== inputs[path]) return path;
  }
  return undefined;
}

function outputsOf({ name, manifest }: StageFolder): Map<string, string> {
  return new Map(Object.entries(manifest.outputs).map(([file, checksum]) => [`${name}/${file}`, digestOf(checksum)]));
}

/** Says what is stale, the same of several runs once, and what to run. */
export function staleSentence(stale: readonly StaleFolder[], call = advised): string {
  const said = new Map<string, StaleFolder[]>();
  for (const each of stale) {
    const key = `${each.stage} ${each.problem}`;
    said.set(key, [...(said.get(key) ?? []), each]);
  }
  const parts = [...said.values()].map((same) => {
    const [{ stage, name, problem }] = same;
    return `${same.length === 1 ? name : `${stage} (${same.length} runs)`} ${problem}`;
  });
  const [{ stage }] = stale;
  const then = stageRow(stage).byHand ? '' : ` and the stages after it, or ${call('run', 'all')}`;
  return `${parts.join('; ')}. Run ${commandOf(stage, call)}${then}.`;
}

/** @throws Failure that names the first listed file that is not as it was written */
export async function requireUndamaged(
  { verified }: StudyFolder,
  found: readonly StageFolder[],
  signal?: AbortSignal,
): Promise<void> {
  const total = found
    .flatMap(({ manifest }) => Object.values(manifest.outputs))
    .reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = startProgress('checking files', total, 'bytes');
  try {
    for (const { stage, name, path, manifest } of found) {
      const onBytes = (bytes: number) => progress.advance(bytes);
      const [damage] = await damagedOutputs(path, manifest, { memory: verified, signal, onBytes });
      if (damage)
        throw new Failure(
          `${name}/${damage.file} ${damage.problem}: ${name}/${manifestName} lists it as the ${stage} stage wrote it. Run ${commandOf(stage)} again; ${advised('verify')} lists all that is damaged.`,
        );
    }
  } finally {
    progress.finish();
  }
}
