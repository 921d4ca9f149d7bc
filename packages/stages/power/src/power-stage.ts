import { type Power, powerTable } from '@galvani/artifact';
import { randomStream } from '@galvani/numerics';
import { countedUnits, membership, openResults, type Recording, type WholeMap } from '@galvani/results';
import { readParameters, replaceStage, studyFolder } from '@galvani/study';
import { type StageArguments, say, startProgress, UserMistake } from '@galvani/terminal';
import {
  promptPoints,
  type RecordedDesign,
  type RunBlocks,
  recordedDesign,
  sessionPoints,
  tokenNumbers,
  tokenPoints,
} from './choices.js';
import { expectedRows } from './expected-rows.js';
import { type LayerMeans, learningCurve } from './learning-curve.js';
import type { SparseNetwork } from './network-finder.js';
import { curveRows } from './power-rows.js';
import { powerSentences } from './power-text.js';
import { tokenMeans } from './token-means.js';

/** What `measurePower` takes. */
export interface PowerArguments extends Pick<StageArguments, 'study' | 'signal'> {
  /** The workspace, absolute. */
  root?: string;
  /** Choices of prompts of each number, default 5. */
  draws?: number;
  /** Default 1. */
  seed?: number;
}

/**
 * How much of its networks a recorded study would have found with fewer prompts, sessions and tokens, and what it would find with more prompts: writes
 * power/power.parquet.
 *
 * @returns its rows
 */
export async function measurePower({ study, root, draws = 5, seed = 1, signal }: PowerArguments): Promise<Power[]> {
  const folder = studyFolder(study, root);
  const [networks, glm] = await Promise.all([readParameters(folder, 'networks'), readParameters(folder, 'glm')]);
  if (networks.top !== undefined)
    throw new UserMistake(
      'power asks how many prompts it takes for units to survive a threshold, and with networks.top as many are taken however few prompts there are. Leave networks.top out of study.yaml, so that networks have a threshold, and run the study again.',
    );
  if (glm.pairs)
    throw new UserMistake(
      'power draws prompts one by one, and those of a study in pairs belong together, so there is nothing that it could say. Leave design.pairs out of study.yaml to ask of a study without pairs.',
    );
  const { plan, inputs, runs, recording, map } = await openResults(folder, 'power', signal);
  const recordings: Recording[] = [];
  for (const run of runs) recordings.push(await recording(run));
  const design = designOf(recordings);
  const { tasks } = design;
  const maps: WholeMap[] = [];
  for (const task of tasks) maps.push(await map(`task-${task}`));
  const whole = maps.map((own) => sparse(membership(own, networks)));
  // Where prompts' means are kept there is nothing to say of fewer tokens.
  const tokens = recordings.some(({ moments }) => moments) ? [] : tokenNumbers(mostTokens(recordings));
  const points = [
    ...promptPoints(design, draws, randomStream(seed, 'power', 'prompts')),
    ...sessionPoints(design, draws, randomStream(seed, 'power', 'sessions')),
    ...tokenPoints(design, tokens),
  ];
  const rule = { networks, variance: glm.variance, tasks: tasks.length };
  const curve = learningCurve(points, rule, randomStream(seed, 'power', 'relabelling'));
  const counted = countedUnits(maps[0], networks);
  const { layers } = recordings[0];
  const progress = startProgress('power', layers.length, 'layers');
  let first = 0;
  for (const layer of layers) {
    const means = await stackedMeans(recordings, layer, [...tokens, Number.POSITIVE_INFINITY], signal);
    const units = means.units;
    curve.add(means.means, counted.subarray(first, first + units));
    first += units;
    progress.advance();
  }
  progress.finish();
  const results = curve.finish();
  const rows = [...curveRows(results, tasks, whole), ...expectedRows(results, tasks, networks.minimumEffect)];
  await replaceStage(folder, 'power', async (place) => {
    await powerTable.write(place('power.parquet'), rows);
    return { plan, parameters: { draws, seed }, inputs, facts: { rows: rows.length } };
  });
  return rows;
}

/** The power stage: recordings and maps -> power/power.parquet. */
export async function powerStage({ study, root, signal }: StageArguments): Promise<void> {
  for (const sentence of powerSentences(await measurePower({ study, root, signal }))) say(`power: ${sentence}`);
}

function designOf(recordings: readonly Recording[]): RecordedDesign {
  let before = 0;
  const runs = recordings.map(({ run, events, isTask }): RunBlocks => {
    const blocks = [...new Set(events.map(({ block }) => block))].map((block) => {
      const own = [...events.keys()].filter((p) => events[p].block === block);
      return { isTask: isTask[own[0]] === 1, rows: own.map((p) => before + p) };
    });
    before += events.length;
    return { session: run.session, task: run.task, blocks };
  });
  return recordedDesign(runs);
}

const sparse = (members: Int8Array): SparseNetwork =>
  new Map([...members.entries()].filter(([, sign]) => sign !== 0) as [number, 1 | -1][]);

/** Tokens of the longest prompt. */
function mostTokens(recordings: readonly Recording[]): number {
  let most = 0;
  for (const { promptOfRow, events } of recordings) {
    const counts = new Int32Array(events.length);
    for (const prompt of promptOfRow) most = Math.max(most, ++counts[prompt]);
  }
  return most;
}

async function stackedMeans(
  recordings: readonly Recording[],
  layer: string,
  counts: readonly number[],
  signal: AbortSignal,
): Promise<{ units: number; means: LayerMeans }> {
  const prompts = recordings.reduce((sum, { events }) => sum + events.length, 0);
  let all: Float32Array[] = [];
  let units = 0;
  let at = 0;
  for (const recording of recordings) {
    signal.throwIfAborted();
    const own = await tokenMeans(recording, layer, counts);
    units = own.units;
    if (all.length === 0) all = counts.map(() => new Float32Array(prompts * units));
    for (const [k, means] of own.means.entries()) all[k].set(means, at * units);
    at += recording.events.length;
  }
  return { units, means: new Map(counts.map((count, k) => [count, all[k]])) };
}
