import { type Recording, type Results, resultsOf, type StudyFiles } from '@galvani/results';
import {
  foldersOf,
  type PlannedParameters,
  readManifests,
  readPlan,
  type StudyFolder,
  stages,
  staleFolders,
  whyAbsent,
} from '@galvani/study';
import { verifiedFiles } from './verified-files.js';
import { viewState } from './view-state.js';
import type { StageState, ViewState } from './view-types.js';

/** A study as it lies on disk at one moment. */
export interface OpenStudy {
  folder: StudyFolder;
  plan: PlannedParameters;
  /** Of what is there and of today's plan; every row of recordings, untransformed. */
  results: Results;
  /** Its files, each verified as it is opened. */
  files: StudyFiles;
  stages: StageState[];
  problems: string[];
  state: ViewState;
}

/**
 * Opens what a study holds so far, without reading more than plans and manifests. What is damaged, stale or not there yet is left out, with a
 * sentence.
 * @throws Failure where the study is not planned
 */
export async function openStudy(folder: StudyFolder): Promise<OpenStudy> {
  const state = await viewState(folder);
  const plan = await readPlan(folder);
  const problems: string[] = [];
  const found = await readManifests(folder, stages, (_, { message }) => problems.push(message));
  const stale = await staleFolders(folder, found);
  for (const { name, problem } of stale) problems.push(`${name} ${problem}.`);
  const current = found.filter(({ name }) => !stale.some((each) => each.name === name));
  const manifests = new Map(current.map(({ name, manifest }) => [name, manifest]));
  const states: StageState[] = [];
  for (const stage of stages) {
    const parts = (await foldersOf(folder, stage)).map(({ name }) => name);
    const done = parts.filter((name) => manifests.has(name)).length;
    const old = parts.some((name) => stale.some((each) => each.name === name));
    const why = whyAbsent(plan, stage);
    const running = state.running.some((part) => part === stage || part.startsWith(`${stage}/`));
    states.push({
      stage,
      ...(why !== undefined && { why }),
      state: running ? 'running' : done === parts.length ? 'done' : old ? 'stale' : 'missing',
      done,
      of: parts.length,
    });
  }
  const files = verifiedFiles(folder.root, manifests, folder.verified);
  const results = remembering(resultsOf(files, manifests, plan.runs, { afterEnd: 'keep', transform: 'none' }));
  return { folder, plan, results, files, stages: states, problems, state };
}

/** Results whose recordings are opened once: their events and tokens are asked for with every unit. */
function remembering(results: Results): Results {
  const opened = new Map<string, Promise<Recording>>();
  const twins = new Map<string, Promise<Recording | undefined>>();
  return {
    ...results,
    recording(run) {
      const recording = opened.get(run.name) ?? results.recording(run);
      opened.set(run.name, recording);
      return recording;
    },
    twin(run) {
      const recording = twins.get(run.name) ?? results.twin(run);
      twins.set(run.name, recording);
      return recording;
    },
  };
}
