import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { stageRow, stageTable } from '@galvani/pipeline';
import { parseStudy, planStudy } from '@galvani/study';
import { expect, test } from 'vitest';
import { divisionsOf, stagesOf, taskList } from '../src/index.js';
import { defaultTasks } from './default-study.js';

const list = await defaultTasks();
const { tasks, sources } = list;

test('every input is what a task before it makes, or a source; every source is read', () => {
  const made = new Set<string>();
  for (const { id, inputs, outputs } of tasks) {
    for (const path of inputs) expect([...made, ...sources], id).toContain(path);
    for (const path of outputs) {
      expect(made.has(path)).toBe(false);
      made.add(path);
    }
  }
  const read = new Set(tasks.flatMap(({ inputs }) => inputs));
  expect(sources.filter((path) => !read.has(path))).toEqual([]);
  expect(sources.filter((path) => made.has(path))).toEqual([]);
});

test('sources that are embedded are files, wherever the study lies', async () => {
  const workspace = '/cluster/elsewhere';
  const { name, parameters } = await planStudy(parseStudy('tasks: [pathology]\n', `${workspace}/study.yaml`));
  const derivatives = `${workspace}/derivatives`;
  const study = { name, parameters, workspace, derivatives, plan: '0', divisions: divisionsOf(parameters) };
  const outside = taskList(study).sources.filter((path) => !path.startsWith('derivatives/'));
  expect(outside.map((path) => existsSync(resolve(workspace, path)))).toEqual([true, true]);
});

test('a task needs those that make its inputs, and all of these come before it', () => {
  for (const [t, { needs, inputs }] of tasks.entries()) {
    const makers = tasks.filter(({ outputs }) => outputs.some((path) => inputs.includes(path)));
    expect(makers.map(({ id }) => id).sort()).toEqual([...needs].sort());
    expect(makers.every((maker) => tasks.indexOf(maker) < t)).toBe(true);
  }
});

test('there is a task for each run of what works run by run, and for each other stage that is not run by hand', () => {
  expect(tasks.filter(({ stage }) => stage === 'extract')).toHaveLength(24);
  expect(tasks.find(({ id }) => id === 'extract/ses-04_task-pathology')).toMatchObject({
    unit: 'ses-04_task-pathology',
    needs: ['design'],
    outputs: ['data/derivatives/default/extract/ses-04_task-pathology/manifest.json'],
    command: [
      ...['galvani', 'exec', '--plan', 'data/derivatives/default/cluster/tasks-0123456789ab.json'],
      ...['--stage', 'extract', '--units', 'ses-04_task-pathology'],
    ],
  });
  const names = stageTable.flatMap((row) => (row.name === 'plan' || 'byHand' in row ? [] : [row.name]));
  expect([...stagesOf(list).keys()]).toEqual(names);
});

test('a stage that is divided has a task for each share, and one that needs them all and makes its folder', () => {
  const unitsOf = (name: string) => tasks.filter(({ stage }) => stage === name).map(({ unit }) => unit);
  expect(unitsOf('decode')).toEqual([1, 2, 3, 4].map((k) => `folds-${k}-of-4`).concat('all'));
  // Nobody said how many layers there are.
  expect(unitsOf('glm')).toHaveLength(9);
  const own = tasks.filter(({ stage }) => stage === 'lesion');
  const [shares, [joined]] = [own.slice(0, -1), own.slice(-1)];
  expect(shares.map(({ unit }) => unit)).toEqual(shares.map((_, k) => `masks-${k + 1}-of-${shares.length}`));
  // At most 6 networks of 126 masks with the whole dose, and 21 with each of two others: 128 or so a share.
  expect(shares).toHaveLength(8);
  expect(new Set(shares.map(({ needs }) => needs.join()))).toEqual(
    new Set([joined.needs.filter((id) => !id.startsWith('lesion/')).join()]),
  );
  expect(joined.needs).toEqual(expect.arrayContaining(shares.map(({ id }) => id)));
  expect(joined).toMatchObject({
    id: 'lesion',
    unit: 'all',
    outputs: ['data/derivatives/default/lesion/manifest.json'],
  });
  expect(shares[1].outputs).toEqual(['data/derivatives/default/lesion/.shares/masks-2-of-8/manifest.json']);
  const reads = tasks.filter(({ needs }) => needs.includes('lesion'));
  expect(reads.map(({ id }) => id)).toEqual(['report']);
  expect(reads[0].needs.some((id) => id.startsWith('lesion/'))).toBe(false);
});

test('no unit looks like a position', () => {
  expect(tasks.filter(({ unit }) => /^\d+(-\d+)?$/.test(unit))).toEqual([]);
});

test('a task is given what its stage is said to take, with room above it, and more where nothing is known', () => {
  const of = (stage: string) => tasks.find((task) => task.stage === stage)!.resources;
  // 18 prompts a run, and 64 in a batch; of 240 s each of 24 runs takes 10.
  expect(of('extract')).toEqual({ cores: 4, megabytes: 4000, seconds: 1840, together: 3 });
  // 8 shares of the 60 s: all of them in a process.
  expect(of('glm')).toEqual({ cores: 2, megabytes: 2500, seconds: 1830, together: 8 });
  // 8 shares of 240 s: two in a process.
  expect(of('lesion')).toEqual({ cores: 4, megabytes: 2500, seconds: 1920, together: 2 });
  expect(of('networks')).toEqual({ cores: 2, megabytes: 16_000, seconds: 16_200, together: 1 });
  for (const { stage, unit, resources } of tasks) {
    const joins = stageRow(stage).divided && unit === 'all';
    expect(resources.cores).toBe(stageRow(stage).allCores && !joins ? 4 : ['design', 'report'].includes(stage) ? 1 : 2);
  }
});
