import { join } from 'node:path';
import {
  type DesignEntry,
  type Event,
  type Manifest,
  manifestName,
  type ResultRows,
  type RunDrift,
  requireManifest,
  type SiteDiagnostics,
  sha256OfFile,
  type Token,
} from '@galvani/artifact';
import { type MapDescription, membership, openResults, type Recording, type Results } from '@galvani/results';
import { type PlannedParameters, readPlan, type StudyFolder, type Upstream } from '@galvani/study';
import { type DrawnMap, drawnMap } from './drawn-map.js';

/** What the general linear model found. */
export interface GlmResults {
  units: number;
  maps: readonly MapDescription[];
  /** Fixed effects over sessions, by task. */
  taskMaps: Map<string, DrawnMap>;
  /** Contrasts that the study asks for, then second levels and conjunctions, with the units that survive as 1. */
  contrastMaps: (DrawnMap & { members: Uint8Array })[];
  /** Of the residuals, by site. */
  diagnostics: SiteDiagnostics[];
  /** Of rest, by run. */
  drift: RunDrift[];
  /** What maps of tasks are fitted with. */
  design: DesignEntry[];
}

/** Everything that a study has found so far. A stage that has not finished leaves its part undefined or empty. */
export interface StudyResults {
  plan: PlannedParameters;
  tasks: string[];
  /** By stage, or `extract/<run>`. */
  manifests: Map<string, Manifest>;
  /** The plan that the page follows, for its manifest. */
  followed: Upstream['plan'];
  /** What is missing or of another plan and was left out, in sentences. */
  leftOut: string[];
  /** SHA-256 of each manifest that was read, by path in the study's folder. */
  inputs: Record<string, string>;
  /** By run. */
  events: Map<string, Event[]>;
  /** By run, of those that are recorded; so are the recordings. */
  tokens: Map<string, Token[]>;
  recordings: Map<string, Recording>;
  glm?: GlmResults;
  networks: ResultRows<'networks'>;
  decode: ResultRows<'decode'>;
  yardstick: ResultRows<'yardstick'>;
  geometry: ResultRows<'geometry'>;
  /** What lesions of networks did, where they were made. */
  lesion?: ResultRows<'lesion'>;
  /** What steering along networks did, where somebody has steered. */
  steer?: ResultRows<'steer'>;
  /** Identification beside controls; without the single answers. */
  controls?: ResultRows<'controls'>;
  /** Measured error rates, where somebody has measured them. */
  calibration: ResultRows<'calibrate'>['calibration'];
  /** What fewer and more prompts find, where somebody has asked. */
  power: ResultRows<'power'>['power'];
}

/**
 * Reads a study's artifacts: those whose stage has written its manifest, for only those are whole.
 * @throws Failure for a file that such a manifest lists and that is missing or damaged, and for results of another plan
 */
export async function readResults(folder: StudyFolder, signal?: AbortSignal): Promise<StudyResults> {
  const plan = await readPlan(folder);
  const results = await openResults(folder, 'report', signal);
  const manifests = new Map([['plan', await requireManifest(folder.plan, 'plan')], ...results.manifests]);
  const inputs: Record<string, string> = {};
  for (const name of manifests.keys())
    inputs[`${name}/${manifestName}`] = await sha256OfFile(join(folder.root, name, manifestName));
  const events = new Map<string, Event[]>();
  const recordings = new Map<string, Recording>();
  const tokens = new Map<string, Token[]>();
  for (const run of plan.runs) {
    const own = await results.events(run);
    if (own) events.set(run.name, own);
    if (!own || !manifests.has(`extract/${run.name}`)) continue;
    const recording = await results.recording(run);
    recordings.set(run.name, recording);
    tokens.set(run.name, recording.tokens);
  }
  return {
    plan,
    tasks: plan.design.tasks,
    manifests,
    followed: results.plan,
    leftOut: results.leftOut,
    inputs,
    events,
    tokens,
    recordings,
    glm: await readGlm(results, plan),
    networks: await results.tables('networks'),
    decode: await results.tables('decode', ['accuracy', 'confusion']),
    controls: await results.tables('controls', ['identification', 'calibration', 'windows', 'hubs']),
    yardstick: await results.tables('yardstick'),
    geometry: await results.tables('geometry'),
    lesion: await results.tables('lesion'),
    steer: await results.tables('steer'),
    calibration: (await results.tables('calibrate')).calibration,
    power: (await results.tables('power')).power,
  };
}

async function readGlm({ glm, map, tables }: Results, plan: PlannedParameters): Promise<GlmResults | undefined> {
  if (!glm) return undefined;
  const taskMaps = new Map<string, DrawnMap>();
  const contrastMaps: GlmResults['contrastMaps'] = [];
  for (const description of glm.maps) {
    const { kind, task = '' } = description;
    if (kind === 'run') continue;
    const whole = await map(description.name);
    const { correction, family, top } = plan.networks;
    const drawn = drawnMap(description, whole, top === undefined ? correction : 'none', family);
    if (kind === 'task') taskMaps.set(task, drawn);
    else contrastMaps.push({ ...drawn, members: Uint8Array.from(membership(whole, plan.networks), Math.abs) });
  }
  const { units, maps } = glm;
  const { diagnostics = [], drift = [], design = [] } = await tables('glm');
  return { units, maps, taskMaps, contrastMaps, diagnostics, drift, design };
}
