import { basename, join } from 'node:path';
import {
  type Accuracy,
  type CalibrationRate,
  type Confusion,
  type Event,
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
  readNetworkOverlap,
  readNetworkRepeatability,
  readNetworkSizes,
  readNetworkUnits,
  readTokens,
  requireManifest,
  sha256OfFile,
  type Token,
} from '@galvani/artifact';
import {
  calibrationPath,
  eventsPath,
  openUpstream,
  readSlice,
  type Slices,
  type StudyFolder,
  tokensPath,
  type Upstream,
} from '@galvani/study';
import { type GlmResults, readGlm } from './glm-results.js';

/** Everything that a study has found so far. A stage that has not finished leaves its part undefined or empty. */
export interface StudyResults {
  folder: StudyFolder;
  plan: Slices;
  tasks: string[];
  /** By stage, or `extract/<run>`. */
  manifests: Map<string, Manifest>;
  /** The plan that the page follows, for its manifest. */
  followed: Upstream['plan'];
  /** What is there but of another plan, in sentences. */
  leftOut: string[];
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

/**
 * Reads a study's artifacts: those whose stage has written its manifest, for only those are whole.
 * @throws Failure for a file that such a manifest lists and that is missing or damaged, and for results of another plan
 */
export async function readResults(folder: StudyFolder, signal?: AbortSignal): Promise<StudyResults> {
  const plan = await readPlan(folder);
  const upstream = await openUpstream(folder, 'report', signal);
  const manifests = new Map([...upstream.manifests, ['plan', await requireManifest(folder.plan, 'plan')]]);
  const inputs: Record<string, string> = {};
  const stages = ['plan', 'design', ...plan.runs.map(({ name }) => `extract/${name}`), 'glm', 'networks', 'decode'];
  for (const name of [...stages, 'calibrate'].filter((each) => manifests.has(each)))
    inputs[`${name}/${manifestName}`] = await sha256OfFile(join(folder.root, name, manifestName));
  const events = new Map<string, Event[]>();
  const tokens = new Map<string, Token[]>();
  for (const { name } of plan.runs) {
    if (manifests.has('design')) events.set(name, await readEvents(eventsPath(folder, name)));
    if (manifests.has(`extract/${name}`)) tokens.set(name, await readTokens(tokensPath(folder, name)));
  }
  const modelled = manifests.get('glm');
  const firstRuns = new Set(plan.design.tasks.map((task) => plan.runs.find((run) => run.task === task)?.name ?? ''));
  const of = <T>(stage: 'networks' | 'decode' | 'calibrate', name: string, read: (path: string) => Promise<T>) =>
    manifests.has(stage) ? read(join(folder[stage], name)) : undefined;
  return {
    folder,
    plan,
    tasks: plan.design.tasks,
    manifests,
    followed: upstream.plan,
    leftOut: upstream.leftOut,
    inputs,
    events,
    tokens,
    glm: modelled && (await readGlm(folder, modelled, firstRuns, plan.networks.correction)),
    networks: {
      units: await of('networks', 'units.parquet', readNetworkUnits),
      sizes: await of('networks', 'sizes.parquet', readNetworkSizes),
      overlap: await of('networks', 'overlap.parquet', readNetworkOverlap),
      repeatability: await of('networks', 'repeatability.parquet', readNetworkRepeatability),
    },
    decode: {
      accuracy: await of('decode', 'accuracy.parquet', readAccuracy),
      confusion: await of('decode', 'confusion.parquet', readConfusion),
    },
    calibration: await of('calibrate', basename(calibrationPath(folder)), readCalibration),
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
