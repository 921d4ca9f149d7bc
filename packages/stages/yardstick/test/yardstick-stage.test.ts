import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  describeOutput,
  readMap,
  topicContrastTable,
  writeMap,
  yardstickRankTable,
  yardstickTopicTable,
} from '@galvani/artifact';
import { openResults } from '@galvani/results';
import { commitStage, mapPath, planOf, type StudyFolder } from '@galvani/study';
import { presentedTopics, stage as yardstickStage } from '@galvani/yardstick';
import { afterAll, expect, test } from 'vitest';
import { syntheticStudy } from '../../../../test/synthetic-study.js';

const signal = new AbortController().signal;
const tasks = ['fossils', 'cells'];
const restTopics = ['law', 'music', 'sport', 'tea', 'tides', 'wool', 'zinc'];
const made: StudyFolder[] = [];
afterAll(() => Promise.all(made.map(({ root }) => rm(root, { recursive: true, force: true }))));

/** A study with maps that say which units are copies: of these alone the stage takes notice. */
async function make(input: Parameters<typeof syntheticStudy>[0]['input'] = {}, topics = restTopics) {
  const { folder, planted } = await syntheticStudy({ tasks, restTopics: topics, input });
  made.push(folder);
  const { runs, recording, inputs } = await openResults(folder, 'glm');
  const { layers, openLayer } = await recording(runs[0]);
  const outputs: Record<string, { sha256: string; bytes: number }> = {};
  for (const layer of layers) {
    const { columns, close } = await openLayer(layer);
    await close();
    const units = columns.reduce((sum, { width }) => sum + width, 0);
    const path = mapPath(folder, 'task-fossils', layer);
    const marks = { copyOf: new Int32Array(units).fill(-1), unreachable: new Uint8Array(units) };
    marks.copyOf[units - 1] = 0;
    await writeMap(path, { sites: [...columns], flags: new Uint8Array(units), marks, contrasts: new Map(), facts: {} });
    outputs[`task-fossils/${layer}.arrow`] = await describeOutput(path);
  }
  const description = { name: 'task-fossils', kind: 'task', task: 'fossils', contrast: 'fossils' };
  await commitStage(folder, 'glm', folder.glm, {
    plan: await planOf(folder, 'glm'),
    parameters: {},
    inputs,
    outputs,
    facts: { layers, units: 80, mapSets: [description] },
  });
  return { folder, planted };
}

const read = async ({ yardstick }: StudyFolder) => ({
  topics: await yardstickTopicTable.read(join(yardstick, 'topics.parquet')),
  ranks: await yardstickRankTable.read(join(yardstick, 'ranks.parquet')),
  contrasts: await topicContrastTable.read(join(yardstick, 'contrasts.parquet')),
});

test('planted tasks exceed topics that nothing was planted in, and a group of them is tested over topics', async () => {
  const input = { yardstick: { draws: 4, groups: { science: ['fossils', 'cells'] } } };
  const { folder, planted } = await make(input);
  await yardstickStage({ study: folder.root, signal });
  const { topics, ranks, contrasts } = await read(folder);
  // Both tasks exceed all seven: one of the 36 ways to choose two of nine.
  const [{ measure, p, superiority }] = ranks;
  expect([measure, superiority]).toEqual(['squared_effect', 1]);
  expect(p).toBeCloseTo(1 / 36, 12);
  expect(topics.map(({ topic }) => topic).sort()).toEqual([...tasks, ...restTopics].sort());
  // 6 runs of 12 rest prompts on seven topics, and 18 prompts of each task.
  expect(new Set(topics.map(({ prompts }) => prompts))).toEqual(new Set([10]));
  for (const row of topics) {
    expect(Math.abs(row.squared_effect) < 0.2).toBe(row.role === 'rest');
    if (row.role === 'rest') expect(row.p_squared_effect).toBeNaN();
    else expect(row).toMatchObject({ p_squared_effect: 1 / 8, p_repeatability: 1 / 8, identified: 1 });
  }
  expect(contrasts.map(({ map, rest_topics, labellings }) => [map, rest_topics, labellings])).toEqual([
    ['topics-fossils', 7, 8],
    ['topics-cells', 7, 8],
    ['topics-science', 7, 36],
  ]);
  const {
    sites,
    contrasts: columns,
    marks,
    facts,
  } = await readMap(join(folder.yardstick, 'topics-fossils/final.arrow'));
  expect([sites[0].site, marks!.copyOf.at(-1), facts.df]).toEqual(['lm_head', 0, '6']);
  const t = columns.get('fossils')!.t;
  for (const [unit, sign] of planted.fossils) if (unit >= 50) expect(sign * t[unit - 50]).toBeGreaterThan(3);
});

test('the same study gives the same bytes; too few topics are no mistake, and their reason is in the manifest', async () => {
  const { folder } = await make({ yardstick: { draws: 2 }, networks: { correction: 'fdr' } });
  const bytes = async () => {
    await yardstickStage({ study: folder.root, signal });
    return readFile(join(folder.yardstick, 'topics.parquet'));
  };
  expect(await bytes()).toEqual(await bytes());
  const single = (await make({}, ['other'])).folder;
  await yardstickStage({ study: single.root, signal });
  expect(await read(single)).toEqual({ topics: [], ranks: [], contrasts: [] });
  expect(await readFile(join(single.yardstick, 'manifest.json'), 'utf8')).toContain(
    'too few of the rest topics have 4 prompts or more in the study: 1,',
  );
});

test('a rest prompt that runs share is one prompt of its topic', async () => {
  const { folder } = await syntheticStudy({ tasks, restTopics, sessions: 1, restShared: true });
  made.push(folder);
  const { runs, recording } = await openResults(folder, 'glm');
  const recordings = await Promise.all(runs.map(recording));
  const { topics } = presentedTopics(recordings);
  const rows = topics.filter(({ isTask }) => !isTask).flatMap((topic) => topic.rows);
  const onRest = recordings[0].events.flatMap(({ condition }, row) => (condition === 'rest' ? [row] : []));
  expect(rows.sort((a, b) => a - b)).toEqual(onRest);
  expect(topics.filter(({ isTask }) => isTask).map((topic) => topic.rows.length)).toEqual([6, 6]);
});
