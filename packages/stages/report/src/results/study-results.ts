import { join } from 'node:path';
import {
  type Accuracy,
  type CalibrationRate,
  type Confusion,
  calibrationPath,
  type Event,
  eventsPath,
  type Manifest,
  manifestName,
  type NetworkOverlap,
  type NetworkRepeatability,
  type NetworkSize,
  type NetworkUnit,
  readAccuracy,
  readCalibration,
  readConfusion,
  readEvents,
  readManifest,
  readNetworkOverlap,
  readNetworkRepeatability,
  readNetworkSizes,
  readNetworkUnits,
  readTokens,
  runFolder,
  type StudyFolder,
  sha256OfFile,
  type Token,
  tokensPath,
} from '@galvani/artifact';
import { readSlice, type Slices } from '@galvani/study';
import { type GlmResults, readGlm } from './glm-results.js';
import { whereWritten } from './optional.js';

/** Everything that a study has found so far. A stage that has not finished leaves its part undefined or empty. */
export interface StudyResults {
  folder: StudyFolder;
  plan: Slices;
  tasks: string[];
  /** By stage, or `extract/<run>`. */
  manifests: Map<string, Manifest>;
  /** SHA-256 of each manifest that was read, by path in the study's folder. */
  inputs: Record<string, string>;
  /** By run, as are the tokens. */
  events: Map<string, Event[]>;
  tokens: Map<string, Token[]>;
  glm?: GlmResults;
  networks: {
    units?: NetworkUnit[];
    sizes?: NetworkSize[];
    overlap?: NetworkOverlap[];
    repeatability?: NetworkRepeatability[];
  };
  decode: { accuracy?: Accuracy[]; confusion?: Confusion[] };
  /** Measured error rates, where somebody has measured them. */
  calibration?: CalibrationRate[];
}

/** Reads a study's artifacts: those whose stage has written its manifest, for only those are whole. */
export async function readResults(folder: StudyFolder): Promise<StudyResults> {
  const plan = await readPlan(folder);
  const manifests = new Map<string, Manifest>();
  const inputs: Record<string, string> = {};
  const finished = async (name: string, path: string): Promise<Manifest | undefined> => {
    const manifest = await readManifest(path);
    if (!manifest) return undefined;
    manifests.set(name, manifest);
    inputs[`${name}/${manifestName}`] = await sha256OfFile(join(path, manifestName));
    return manifest;
  };
  await finished('plan', folder.plan);
  const events = new Map<string, Event[]>();
  const tokens = new Map<string, Token[]>();
  const designed = await finished('design', folder.design);
  for (const { name } of plan.runs) {
    const shown = designed && (await whereWritten(eventsPath(folder, name), readEvents));
    if (shown) events.set(name, shown);
    const extracted = await finished(`extract/${name}`, runFolder(folder, name));
    const generated = extracted && (await whereWritten(tokensPath(folder, name), readTokens));
    if (generated) tokens.set(name, generated);
  }
  const modelled = await finished('glm', folder.glm);
  const firstRuns = new Set(plan.design.tasks.map((task) => plan.runs.find((run) => run.task === task)?.name ?? ''));
  const inNetworks = await finished('networks', folder.networks);
  const inDecode = await finished('decode', folder.decode);
  const network = <T>(name: string, read: (path: string) => Promise<T>) =>
    inNetworks && whereWritten(join(folder.networks, name), read);
  const decoded = <T>(name: string, read: (path: string) => Promise<T>) =>
    inDecode && whereWritten(join(folder.decode, name), read);
  const calibration = await whereWritten(calibrationPath(folder), readCalibration);
  if (calibration) inputs['calibrate/calibration.parquet'] = await sha256OfFile(calibrationPath(folder));
  return {
    folder,
    plan,
    tasks: plan.design.tasks,
    manifests,
    inputs,
    events,
    tokens,
    glm: modelled && (await readGlm(folder, modelled, firstRuns, plan.networks.correction)),
    networks: {
      units: await network('units.parquet', readNetworkUnits),
      sizes: await network('sizes.parquet', readNetworkSizes),
      overlap: await network('overlap.parquet', readNetworkOverlap),
      repeatability: await network('repeatability.parquet', readNetworkRepeatability),
    },
    decode: {
      accuracy: await decoded('accuracy.parquet', readAccuracy),
      confusion: await decoded('confusion.parquet', readConfusion),
    },
    calibration,
  };
}

async function readPlan(folder: StudyFolder): Promise<Slices> {
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
