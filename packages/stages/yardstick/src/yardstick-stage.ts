import { topicContrastTable, yardstickRankTable, yardstickTopicTable } from '@galvani/artifact';
import { randomStream } from '@galvani/numerics';
import { countedUnits, openResults, type Recording, type WholeMap } from '@galvani/results';
import { readParameters, replaceStage, type StageParameters, studyFolder } from '@galvani/study';
import { formatCount, type StageArguments, say, startProgress } from '@galvani/terminal';
import { compareTopics } from './compare-topics.js';
import {
  fewestPrompts,
  fewestTopics,
  matchTopics,
  type PresentedPrompts,
  presentedTopics,
} from './presented-topics.js';
import { type AskedGroup, topicContrasts } from './topic-contrasts.js';
import { writeTopicMap } from './topic-map-file.js';
import { ranksOfTasks, rowsOfTopics } from './topic-rows.js';

/** The yardstick stage: events, activations and marks of units -> yardstick/{topics,ranks,contrasts}.parquet and maps over topics. */
export async function yardstickStage({
  study,
  root,
  signal,
}: Pick<StageArguments, 'study' | 'signal'> & { root?: string }): Promise<void> {
  const folder = studyFolder(study, root);
  const [asked, networks, glm] = await Promise.all([
    readParameters(folder, 'yardstick'),
    readParameters(folder, 'networks'),
    readParameters(folder, 'glm'),
  ]);
  const { plan, inputs, runs, recording, map } = await openResults(folder, 'yardstick', signal);
  const recordings: Recording[] = [];
  for (const run of runs) recordings.push(await recording(run));
  const whole = await map(`task-${runs[0].task}`);
  const counted = countedUnits(whole, networks);
  const presented = presentedTopics(recordings);
  const matched = matchTopics(presented.topics, asked.prompts);
  const measured =
    typeof matched === 'string'
      ? matched
      : await measure(recordings, { presented, matched, whole, counted, asked, networks, glm, signal });
  const found = typeof measured === 'string' ? undefined : measured;
  await replaceStage(folder, 'yardstick', async (place, path) => {
    await yardstickTopicTable.write(place('topics.parquet'), found?.topics ?? []);
    await yardstickRankTable.write(place('ranks.parquet'), found ? ranksOfTasks(found.topics) : []);
    await topicContrastTable.write(
      place('contrasts.parquet'),
      (found?.maps ?? []).map(({ row }) => row),
    );
    const outputs: Record<string, { sha256: string; bytes: number }> = {};
    for (const own of found?.maps ?? []) Object.assign(outputs, await writeTopicMap(path, own, whole));
    const parameters = { ...asked, networks, variance: glm.variance, relabellings: glm.relabellings };
    const facts = typeof measured === 'string' ? { nothing: measured } : { topics: measured.topics.length };
    return { plan, parameters, inputs, outputs, facts };
  });
  if (typeof measured === 'string') say(`yardstick: nothing is compared, since ${measured}`);
  for (const { role, topic, p_squared_effect: p } of found?.topics ?? [])
    if (role === 'task') {
      const others = found!.topics.filter((row) => row.role === 'rest').length;
      const larger = Math.round(p * (1 + others)) - 1;
      say(
        `yardstick: ${topic} differs from rest by more than ${formatCount(others - larger)} of ${formatCount(others)} rest topics do`,
      );
    }
}

interface Asked {
  presented: PresentedPrompts;
  matched: Exclude<ReturnType<typeof matchTopics>, string>;
  whole: WholeMap;
  counted: Uint8Array;
  asked: StageParameters['yardstick'];
  networks: StageParameters['networks'];
  glm: StageParameters['glm'];
  signal: AbortSignal;
}

/** Whether enough rest topics are left beside a group for them to have a spread. */
function isTestable(group: AskedGroup, topics: PresentedPrompts['topics']): boolean {
  return topics.filter(({ name, isTask }) => !isTask && !group.topics.includes(name)).length >= fewestTopics;
}

/** Reads layer after layer, and compares. @returns in words why nothing can be compared, where that is so */
async function measure(recordings: readonly Recording[], options: Asked) {
  const { presented, matched, whole, counted, asked, networks, glm, signal } = options;
  const topics = presented.topics.filter(({ isTask, rows }) => isTask || rows.length >= fewestPrompts);
  const names = topics.map(({ name }) => name);
  const groups: AskedGroup[] = [
    ...topics.filter(({ isTask }) => isTask).map(({ name }) => ({ name, topics: [name] })),
    ...asked.groups.map(([name, group]) => ({ name, topics: group.filter((topic) => names.includes(topic)) })),
  ].filter((group) => group.topics.length > 0 && isTestable(group, topics));
  const { relabellings, variance } = glm;
  const tasks = new Set(recordings.map(({ run }) => run.task)).size;
  const rule = { networks, variance, tasks, units: counted.length, seed: asked.seed };
  const over = topicContrasts(presented, { topics, groups, relabellings, alpha: networks.alpha, seed: asked.seed });
  if (!over) return 'runs do not link the topics of rest with each other';
  const compared = compareTopics(presented, matched, asked.draws, randomStream(asked.seed, 'yardstick', 'draws'), rule);
  const layers = [...new Set(whole.sites.map(({ layer }) => layer))];
  const progress = startProgress('yardstick', layers.length, 'layers');
  let first = 0;
  for (const layer of layers) {
    signal.throwIfAborted();
    const means = await stackedMeans(recordings, layer);
    const units = means.length / presented.runs.length;
    const own = counted.subarray(first, first + units);
    const within = over.add(means, units);
    compared.add(means, own, within);
    first += units;
    progress.advance();
  }
  progress.finish();
  return { topics: rowsOfTopics(matched, asked.draws, compared.finish()), maps: over.finish(counted) };
}

async function stackedMeans(recordings: readonly Recording[], layer: string): Promise<Float64Array> {
  const parts: Float64Array[] = [];
  for (const { promptMeans } of recordings) parts.push((await promptMeans(layer)).means);
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
