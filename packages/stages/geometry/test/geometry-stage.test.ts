import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ceilingTable,
  componentTable,
  dendrogramTable,
  describeOutput,
  distanceTable,
  readMap,
  writeMap,
} from '@galvani/artifact';
import { distinctPrompts, stage as geometryStage, presentedTasks, productsAmong } from '@galvani/geometry';
import { openResults } from '@galvani/results';
import { commitStage, mapPath, planOf, type StudyFolder } from '@galvani/study';
import { afterAll, expect, test } from 'vitest';
import { syntheticStudy } from '../../../../test/synthetic-study.js';

const signal = new AbortController().signal;
const tasks = ['fossils', 'cells', 'stars'];
const made: StudyFolder[] = [];
afterAll(() => Promise.all(made.map(({ root }) => rm(root, { recursive: true, force: true }))));

/** Ten units each; of those of fossils and cells nine are the same. */
const planted = Object.fromEntries(
  tasks.map((task, k) => [
    task,
    Array.from({ length: 10 }, (_, i) => [i === 9 ? 70 + k : 5 * i + (k === 2 ? 2 : 0), i % 2 ? -1 : 1] as const),
  ]),
);

/** A study with maps whose effects are those that were planted. Unit 79 is a copy. */
async function make(options: Omit<Parameters<typeof syntheticStudy>[0], 'tasks'> = {}, named = tasks) {
  const { folder } = await syntheticStudy({ tasks: named, planted, ...options });
  made.push(folder);
  const { runs, recording, inputs } = await openResults(folder, 'glm');
  const { layers, openLayer } = await recording(runs[0]);
  const outputs: Record<string, { sha256: string; bytes: number }> = {};
  for (const task of named) {
    let first = 0;
    for (const layer of layers) {
      const { columns, close } = await openLayer(layer);
      await close();
      const units = columns.reduce((sum, { width }) => sum + width, 0);
      const d = new Float64Array(units);
      for (const [unit, sign] of planted[task]) if (unit >= first && unit < first + units) d[unit - first] = 3 * sign;
      const marks = { copyOf: new Int32Array(units).fill(-1), unreachable: new Uint8Array(units) };
      if (first > 0) marks.copyOf[units - 1] = 0;
      const log10_p_familywise = d.map((own) => (own === 0 ? 0 : -3));
      const path = mapPath(folder, `task-${task}`, layer);
      const contrasts = new Map([[task, { d, log10_p_familywise }]]);
      await writeMap(path, { sites: [...columns], flags: new Uint8Array(units), marks, contrasts, facts: {} });
      outputs[`task-${task}/${layer}.arrow`] = await describeOutput(path);
      first += units;
    }
  }
  const mapSets = named.map((task) => ({ name: `task-${task}`, kind: 'task', task, contrast: task }));
  await commitStage(folder, 'glm', folder.glm, {
    plan: await planOf(folder, 'glm'),
    parameters: {},
    inputs,
    outputs,
    facts: { layers, units: 80, mapSets },
  });
  return folder;
}

const read = async ({ geometry }: StudyFolder) => ({
  distances: await distanceTable.read(join(geometry, 'distances.parquet')),
  ceiling: await ceilingTable.read(join(geometry, 'ceiling.parquet')),
  dendrogram: await dendrogramTable.read(join(geometry, 'dendrogram.parquet')),
  components: await componentTable.read(join(geometry, 'components.parquet')),
});

const few = { relabellings: 199, components: 4 };

test('tasks that share their units lie near each other, sessions agree, and components follow what was planted', async () => {
  const folder = await make({ sessions: 4, input: { geometry: few } });
  await geometryStage({ study: folder.root, signal });
  const { distances, ceiling, dendrogram, components } = await read(folder);
  expect(distances.map(({ task_a, task_b }) => `${task_a} ${task_b}`)).toEqual([
    'fossils cells',
    'fossils stars',
    'cells stars',
    'fossils rest',
    'cells rest',
    'stars rest',
  ]);
  const [near, far] = distances;
  // Of 79 units two differ, or twenty; an effect of 3 standard deviations is 9 variances.
  expect(near.distance / ((2 * 9) / 79)).toBeCloseTo(1, 0);
  expect(far.distance / ((20 * 9) / 79)).toBeCloseTo(1, 0);
  for (const row of distances) {
    expect(row).toMatchObject({ p: 1 / 200, units: 79 });
    expect(row.p_over_pairs).toBeCloseTo(6 / 200, 12);
    expect(row.lower < row.distance && row.distance < row.upper && row.lower > 0).toBe(true);
  }
  expect(ceiling.map(({ session }) => session)).toEqual([1, 2, 3, 4, 0]);
  const mean = ceiling.at(-1)!;
  expect(mean.lower > 0.9 && mean.lower <= mean.upper && mean.upper <= 1).toBe(true);
  // One of the six orders of three tasks in each session but the first; those that only exchange the two near ones are as good.
  expect(mean.p).toBeCloseTo((1 / 3) ** 3, 1);
  expect(dendrogram.map(({ first, second }) => [first, second])).toEqual([
    ['fossils', 'cells'],
    ['fossils cells', 'stars'],
  ]);
  expect(dendrogram[1].height).toBeCloseTo((distances[1].distance + distances[2].distance) / 2, 12);
  expect(components).toHaveLength(12);
  for (const task of tasks) {
    const best = components.filter((row) => row.task === task).sort((a, b) => Math.abs(b.r) - Math.abs(a.r))[0];
    expect(best.p_over_all).toBeLessThan(0.05);
    expect(Math.abs(best.map_r)).toBeGreaterThan(0.5);
    expect(Math.sign(best.members_z)).toBe(Math.sign(best.r));
  }
  const { contrasts } = await readMap(join(folder.geometry, 'components/final.arrow'));
  expect([...contrasts.keys()]).toEqual(['component-1', 'component-2', 'component-3', 'component-4']);
  const { z } = contrasts.get('component-1')!;
  expect([z.length, z.at(-1), z.filter(Number.isFinite).length]).toEqual([30, Number.NaN, 29]);
});

test('where nothing was planted nothing is found, whatever distances are measured in; the same study gives the same bytes', async () => {
  const folder = await make({ effect: 0, input: { geometry: { ...few, noise: 'shrunken' } } });
  const bytes = async () => {
    await geometryStage({ study: folder.root, signal });
    return Promise.all(['distances', 'components'].map((name) => readFile(join(folder.geometry, `${name}.parquet`))));
  };
  expect(await bytes()).toEqual(await bytes());
  const { distances, ceiling, components } = await read(folder);
  for (const { p_over_pairs } of distances) expect(p_over_pairs).toBeGreaterThan(0.05);
  expect(ceiling.at(-1)!.p).toBeGreaterThan(0.05);
  for (const { p_over_all } of components) expect(p_over_all).toBeGreaterThan(0.05);
});

test('prompts of rest that runs share are evidence once', async () => {
  const folder = await make({ sessions: 2, effect: 0, restShared: true, input: { geometry: few } });
  const { runs, recording } = await openResults(folder, 'geometry');
  const recordings = await Promise.all(runs.map(recording));
  const distinct = distinctPrompts(recordings);
  const presented = presentedTasks(recordings);
  // Of each session the rest of the first task's run, and every task's own prompts.
  const kept = distinct.map((at) => `${presented.run[at]} ${presented.isTask[at]}`);
  const counts = [0, 1, 2, 3, 4, 5].map((run) =>
    [0, 1].map((on) => kept.filter((own) => own === `${run} ${on}`).length),
  );
  expect(counts).toEqual([
    [12, 6],
    [0, 6],
    [0, 6],
    [12, 6],
    [0, 6],
    [0, 6],
  ]);
  // What is left is what a recording of these prompts alone would give.
  const random = Float64Array.from({ length: presented.run.length ** 2 }, (_, i) => i);
  const among = productsAmong({ products: random, units: 3 }, presented, distinct);
  const [i, j] = [7, 20];
  expect(among.products.products[i * distinct.length + j]).toBe(distinct[i] * presented.run.length + distinct[j]);
  expect(among.presented.session[20]).toBe(presented.session[distinct[20]]);
  await geometryStage({ study: folder.root, signal });
  const { distances } = await read(folder);
  expect(distances.filter(({ task_b }) => task_b === 'rest').every(({ p_over_pairs }) => p_over_pairs > 0.05)).toBe(
    true,
  );
});

test('a study of one session has components alone, and its manifest says why; of two tasks there is no ceiling', async () => {
  const single = await make({ sessions: 1, input: { geometry: few } });
  await geometryStage({ study: single.root, signal });
  expect(await read(single)).toMatchObject({ distances: [], ceiling: [], dendrogram: [] });
  expect((await read(single)).components).toHaveLength(12);
  expect(await readFile(join(single.geometry, 'manifest.json'), 'utf8')).toContain('validated across sessions');
  const input = { geometry: few, design: { promptsPerBlock: 1 } };
  const two = await make({ sessions: 2, input }, ['fossils', 'stars']);
  await geometryStage({ study: two.root, signal });
  const { distances, ceiling, dendrogram } = await read(two);
  expect([distances.length, ceiling.length, dendrogram.length]).toEqual([3, 0, 1]);
  // One prompt of a task has no spread.
  expect(distances.every(({ distance, lower }) => Number.isFinite(distance) && Number.isNaN(lower))).toBe(true);
});

test('conditions are tasks and all rest of a session', () => {
  const run = (task: string, session: number) => ({ run: { name: '', task, session }, isTask: Uint8Array.of(0, 1) });
  const { tasks: found, session, condition } = presentedTasks([run('b', 1), run('a', 1), run('b', 3), run('a', 3)]);
  expect([found, [...session], [...condition]]).toEqual([
    ['b', 'a'],
    [0, 0, 0, 0, 1, 1, 1, 1],
    [2, 0, 2, 1, 2, 0, 2, 1],
  ]);
});
