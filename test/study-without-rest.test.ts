/**
 * Whole studies without rest (`rest: none`), on a model of which it is known which units answer to which task: tasks against each other,
 * beside numbers that other programs find in the same files.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { measureErrorRates } from '@galvani/calibrate';
import { stageTable } from '@galvani/pipeline';
import { openResults } from '@galvani/results';
import { claimed, type Stage, studyFolder, verifyStudy, workspaceOf } from '@galvani/study';
import { UserMistake } from '@galvani/terminal';
import { studyParts } from '@galvani/view';
import { tableFromIPC } from 'apache-arrow';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { loadStage, loadUnclaimed } from '../apps/cli/src/load-stage.js';
import { expectWithinAbsolute } from './closeness.js';
import { type PlantedCheckpoint, writePlantedCheckpoint } from './planted-checkpoint.js';

const tasks = ['boats', 'birds'];
const [sessions, promptsPerBlock, words, inPrompt] = [2, 6, 180, 3];
const store = process.env.GALVANI_STORE;
const signal = new AbortController().signal;
let root: string;
let checkpoint: PlantedCheckpoint;
const placeOf = (path: string) => join(root, 'study/derivatives', path);
const folder = () => studyFolder(placeOf(''), workspaceOf(join(root, 'study/study.yaml')));

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  root = mkdtempSync(join(tmpdir(), 'galvani-without-rest-'));
  process.env.GALVANI_STORE = join(root, 'store');
  checkpoint = await writePlantedCheckpoint(join(root, 'model'), tasks, tasks.length, words);
  const prompts = tasks.flatMap((topic) =>
    Array.from({ length: words / inPrompt }, (_, p) => {
      const own = checkpoint.words.get(topic)!.slice(inPrompt * p, inPrompt * (p + 1));
      return `${topic}-${p},${topic},${[checkpoint.words.get('')![p % 20], ...own].join(' ')}`;
    }),
  );
  await writeFile(join(root, 'prompts.csv'), `id,topic,text\n${prompts.join('\n')}\n`);
  await mkdir(join(root, 'study'));
  await writeFile(
    join(root, 'study/study.yaml'),
    `model: ../model
prompts: ../prompts.csv
tasks: [${tasks}]
rest: none
design: { sessions: ${sessions}, promptsPerBlock: ${promptsPerBlock} }
extraction: { newTokens: 4, sites: { include: ['*.fc1', '*.activation_fn'] } }
glm: { relabellings: 200, runRelabellings: 100, variance: pooled, contrasts: { boats over birds: boats - birds } }
decode: { permutations: 100 }
geometry: { relabellings: 99, components: 2 }
lesion: { controls: 19, prompts: 6, otherPrompts: 6 }
`,
  );
  const rows = stageTable.filter((row) => row.name !== 'plan' && !('byHand' in row && row.byHand));
  const stages = await Promise.all(rows.map(({ name }) => loadStage(name as Stage)));
  for (const stage of [(await loadUnclaimed('plan' as Stage)).stage, ...stages]) await stage(told());
});
afterAll(async () => {
  vi.restoreAllMocks();
  if (store === undefined) delete process.env.GALVANI_STORE;
  else process.env.GALVANI_STORE = store;
  await rm(root, { recursive: true, force: true });
});

const told = () => {
  const yaml = join(root, 'study/study.yaml');
  return { study: placeOf(''), root: workspaceOf(yaml), yaml, signal };
};

/** Prompts of all runs by DuckDB, and the mean of every unit of the first block's fc1 over each one's tokens by apache-arrow. */
async function recorded() {
  const connection = await (await DuckDBInstance.create()).connect();
  const prompts: { run: string; topic: string; condition: string; means: Float64Array }[] = [];
  for (const run of tasks.flatMap((task) => Array.from({ length: sessions }, (_, s) => `ses-0${s + 1}_task-${task}`))) {
    const events = await connection.runAndReadAll(
      `select topic, condition from '${placeOf(`design/${run}.parquet`)}' order by prompt`,
    );
    const tokens = await connection.runAndReadAll(
      `select prompt, after_end from '${placeOf(`extract/${run}/tokens.parquet`)}' order by prompt, position`,
    );
    const table = tableFromIPC(readFileSync(placeOf(`extract/${run}/activations.arrow`)));
    const rows = [...table.getChild('model.decoder.layers.0.fc1')!].map((row) => [...row] as number[]);
    const counted = tokens.getRowObjects().map(({ after_end }) => after_end === false);
    const promptOf = tokens.getRowObjects().map(({ prompt }) => Number(prompt));
    for (const [p, { topic, condition }] of events.getRowObjects().entries()) {
      const own = rows.filter((_, r) => counted[r] && promptOf[r] === p);
      const means = Float64Array.from(rows[0], (_, u) => own.reduce((sum, row) => sum + row[u], 0) / own.length);
      prompts.push({ run, topic: String(topic), condition: String(condition), means });
    }
  }
  connection.closeSync();
  return prompts;
}

test('the difference of two tasks is that of their prompts’ means within runs, of on and off blocks alike', async () => {
  const prompts = await recorded();
  expect(prompts.every(({ run, topic, condition }) => run.endsWith(topic) === (condition === 'task'))).toBe(true);
  const runs = [...new Set(prompts.map(({ run }) => run))];
  const groups = runs.map((run) => tasks.map((task) => prompts.filter((own) => own.run === run && own.topic === task)));
  const mean = (some: typeof prompts, u: number) => some.reduce((sum, { means }) => sum + means[u], 0) / some.length;
  const units = prompts[0].means.length;
  const expected = { effect: new Float64Array(units), t: new Float64Array(units) };
  for (let u = 0; u < units; u++) {
    const weights = groups.map(([a, b]) => (a.length * b.length) / (a.length + b.length));
    const total = weights.reduce((sum, own) => sum + own, 0);
    const effect = groups.reduce((sum, [a, b], r) => sum + weights[r] * (mean(a, u) - mean(b, u)), 0) / total;
    let squares = 0;
    for (const [a, b] of groups) {
      const level = mean([...a, ...b], u) - (effect * a.length) / (a.length + b.length);
      for (const { means } of a) squares += (means[u] - level - effect) ** 2;
      for (const { means } of b) squares += (means[u] - level) ** 2;
    }
    expected.effect[u] = effect;
    expected.t[u] = effect / Math.sqrt(squares / (prompts.length - runs.length - 1) / total);
  }
  const { map } = await openResults(folder(), 'networks');
  const whole = await map('contrast-boats-over-birds');
  const { start } = whole.sites.find(({ site }) => site === 'model.decoder.layers.0.fc1')!;
  for (const name of ['effect', 't'] as const)
    expectWithinAbsolute(whole.statistic(name).slice(start, start + units), expected[name], 1e-3);
});

test('networks are the units that were planted for either task, and of the other with the other sign', async () => {
  const { tables } = await openResults(folder(), 'report');
  const { units = [] } = await tables('networks', ['units']);
  for (const [t, task] of tasks.entries()) {
    const [own, other] = [task, tasks[1 - t]].map((each) => checkpoint.planted.get(each)!);
    const found = new Map(
      units.filter((row) => row.task === task).map(({ site, unit, d }) => [`${site} ${unit}`, Math.sign(d)]),
    );
    for (const [name, sign] of own) expect(found.get(name), name).toBe(sign);
    for (const [name, sign] of other) expect(found.get(name), name).toBe(-sign);
    expect(found.size).toBeLessThanOrEqual(own.size + other.size + 2);
  }
});

test('tasks are identified, distances are between tasks alone, and lesions have no texts of rest', async () => {
  const { tables } = await openResults(folder(), 'report');
  const { accuracy = [] } = await tables('decode', ['accuracy']);
  const runs = tasks.length * sessions;
  expect(accuracy.map(({ level, correct, total }) => [level, correct, total])).toEqual([
    ['run', runs, runs],
    ['prompt', runs * promptsPerBlock, runs * promptsPerBlock],
  ]);
  const { distances = [] } = await tables('geometry', ['distances']);
  expect(distances.map(({ task_a, task_b }) => [task_a, task_b])).toEqual([tasks]);
  expect(distances[0].lower).toBeGreaterThan(0);
  const { texts = [] } = await tables('lesion', ['texts']);
  expect(new Set(texts.map(({ topic }) => topic))).toEqual(new Set(tasks));
  const { hubs = [] } = await tables('controls', ['hubs']);
  expect(hubs.map(({ rest_presented }) => rest_presented)).toEqual([0, 0]);
});

test('what takes topics of rest is left out with a sentence, or refused with it where it is run by hand', async () => {
  const verdicts = await verifyStudy(folder());
  expect(verdicts.flatMap(({ problems }) => problems)).toEqual([]);
  expect(verdicts.flatMap(({ stage, absent }) => (absent === undefined ? [] : [[stage, absent]]))).toEqual([
    [
      'yardstick',
      expect.stringMatching(/^The yardstick sets each task beside topics of rest, and the study has no rest/),
    ],
    ['steer', expect.stringMatching(/^What is steered are texts on topics of rest, and the study has no rest/)],
  ]);
  const steer = await loadStage('steer');
  await expect(steer(told())).rejects.toThrow(/the study has no steer\. What is steered are texts on topics of rest/);
  await expect(steer(told())).rejects.toBeInstanceOf(UserMistake);
  const rates = claimed('calibrate', measureErrorRates)({ ...told(), quick: true });
  await expect(rates).rejects.toThrow(/this study has no rest \(rest: none\)/);
});

test('the report says what off blocks are, and draws whose prompts they hold', () => {
  const { document } = parseHTML(readFileSync(placeOf('report/index.html'), 'utf8'));
  const text = document.body.textContent!.replaceAll(/\s+/g, ' ');
  expect(text).toContain('in on blocks between off blocks on the other tasks, in equal parts');
  expect(text).toContain('the contrast of a task was task minus the other tasks.');
  expect(text).toContain('each was fitted to the prompts of the tasks that it weighs, in whichever run');
  expect(text).toContain('yardstick: The yardstick sets each task beside topics of rest');
  expect(text.match(/.{40}(above|below|minus|from|than on|at|and) rest\b(?! topics).{20}/g)).toBeNull();
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
  const timeline = document.querySelector('#design-timeline')!;
  expect(timeline.textContent).toContain('ses-01_task-boats: off (birds), 6 prompts');
});

test('the viewer is told', async () => {
  const part = await studyParts({ folder: folder(), name: 'study' }).part(['study.json']);
  const view = JSON.parse(Buffer.from(part!.bytes).toString());
  expect(view.off).toBe('the other tasks');
  expect(view.problems).toEqual([]);
});
