/** `galvani group`: studies of one workspace, what its tables say beside what DuckDB finds in the studies' own. */
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { stage as decode } from '@galvani/decode';
import { stage as design } from '@galvani/design';
import { stage as extract } from '@galvani/extract';
import { stage as geometry } from '@galvani/geometry';
import { stage as glm } from '@galvani/glm';
import { type WrittenGroup, writeGroup } from '@galvani/group';
import { stage as networks } from '@galvani/networks';
import { stage as plan } from '@galvani/plan';
import { studyFolder } from '@galvani/study';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { groupText } from '../apps/cli/src/group-text.js';
import { jsonFields } from '../apps/cli/src/json-fields.js';
import { checksums } from './checksums.js';
import { smallStudy } from './small-study.js';
import { type StageWorkspace, stageWorkspace } from './stage-workspace.js';

let workspace: StageWorkspace;
let out: string;
let group: WrittenGroup;
const names = ['first', 'second', 'third'];
const tasks = ['weather', 'cooking', 'travel'];
const study = (name: string) => ({
  named: name,
  path: workspace.placeOf('..', `pipelines/${name}/study.yaml`),
  folder: studyFolder(workspace.placeOf(name, ''), workspace.placeOf('..', '')),
});
const rowsOf = async (sql: string) => {
  const connection = await (await DuckDBInstance.create()).connect();
  const rows = (await connection.runAndReadAll(sql)).getRowObjects();
  connection.closeSync();
  return rows as Record<string, number | string>[];
};

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  workspace = stageWorkspace('galvani-group-');
  const yaml = (own: string[], seed: number) =>
    `seed: ${seed}\n${smallStudy.replace('[weather, cooking]', `[${own.join(', ')}]`)}`;
  const bank = [...tasks, 'music', 'sports', 'games'].flatMap((topic) =>
    Array.from({ length: 18 }, (_, i) => `${topic}-${i},${topic},statement,Number ${i} about ${topic} is`),
  );
  workspace.write('data/prompts/small.csv', `id,topic,form,text\n${bank.join('\n')}\n`);
  const stages = [plan, design, extract, glm, networks, decode, geometry];
  await workspace.run('first', yaml(tasks, 1), stages);
  await workspace.run('second', yaml([...tasks].reverse(), 2), stages);
  await workspace.run('third', yaml([...tasks, 'music'], 3), stages);
  await workspace.run('young', yaml(tasks, 4), [plan, design, extract, glm]);
  const by = workspace.placeOf('..', 'by.csv');
  writeFileSync(by, 'study,size\nfirst,1\nthird,4\nsecond,2\n');
  out = workspace.placeOf('..', 'group');
  group = await writeGroup({ studies: names.map(study), by, out });
});
afterAll(() => {
  vi.restoreAllMocks();
  workspace.remove();
});

test('sizes of networks are means over studies of what each study’s table has', async () => {
  const own = names.map(
    (name) =>
      `select '${name}' as study, task, sum(members) / sum(units) as share from '${workspace.placeOf(name, 'networks/sizes.parquet')}' group by task`,
  );
  const expected = await rowsOf(
    `select task, avg(share) as mean, stddev_samp(share) as sd from (${own.join(' union all ')}) where task != 'music' group by task order by task`,
  );
  const found = await rowsOf(
    `select label as task, mean, sd from '${join(out, 'effects.parquet')}' where measure = 'size' order by label`,
  );
  expect(found.length).toBe(3);
  for (const [k, row] of found.entries()) {
    expect(row.task).toBe(expected[k].task);
    expect(row.mean).toBeCloseTo(expected[k].mean as number, 12);
    expect(row.sd).toBeCloseTo(expected[k].sd as number, 12);
  }
});

test('distances of two tasks are found in whatever order a study names its tasks', async () => {
  const found = await rowsOf(
    `select study, label, value, error from '${join(out, 'observations.parquet')}' where measure = 'distance' and label = 'weather + travel'`,
  );
  expect(found.map((row) => row.study)).toEqual(names);
  for (const { study: name, value, error } of found) {
    const [own] = await rowsOf(
      `select distance, error from '${workspace.placeOf(name as string, 'geometry/distances.parquet')}' where task_a in ('weather', 'travel') and task_b in ('weather', 'travel')`,
    );
    expect([value, error]).toEqual([own.distance, own.error]);
  }
});

test('identification, a covariate, geometry, and what is said of them', () => {
  const { studies, effects, covariates, geometry: likeness, notes } = group;
  expect(studies).toEqual(names);
  expect(effects.filter(({ measure }) => measure === 'identification').map(({ label }) => label)).toEqual([
    'run',
    'prompt',
  ]);
  expect(effects.some(({ measure, random_mean }) => measure === 'distance' && Number.isFinite(random_mean))).toBe(true);
  expect(
    covariates.every(({ covariate, kind, labellings }) => covariate === 'size' && kind === 'slope' && labellings === 6),
  ).toBe(true);
  expect(likeness.map(({ study_a, study_b }) => [study_a, study_b])).toEqual([
    ['first', 'second'],
    ['first', 'third'],
    ['second', 'third'],
    ['', ''],
  ]);
  const said = notes.join('\n');
  expect(said).toMatch(/Of tasks weather, cooking, travel are compared, which all studies have; music is left out/);
  expect(said).toMatch(/second has the same model as first/);
  expect(said).toMatch(/beyond the twin: fewer than two studies have it/);
  const text = groupText(group, 'group');
  for (const part of ['size: share of units', 'weather + cooking', 'by size', 'task geometry', 'first and second'])
    expect(text).toContain(part);
  expect(Object.keys(jsonFields.group!)).toEqual(
    expect.arrayContaining(['folder', ...Object.keys(group).filter((name) => name !== 'observations')]),
  );
});

test('the same studies give the same bytes, and nothing is written over', async () => {
  const again = workspace.placeOf('..', 'again');
  const by = workspace.placeOf('..', 'by.csv');
  await writeGroup({ studies: names.map(study), by, out: again });
  expect(checksums(again)).toEqual(checksums(out));
  await expect(writeGroup({ studies: names.map(study), out })).rejects.toThrow(/is there already/);
});

test('mistakes are told, and leave nothing behind', async () => {
  const place = join(mkdtempSync(join(workspace.placeOf('..', ''), 'none-')), 'out');
  const ask = (...own: string[]) => writeGroup({ studies: own.map(study), out: place });
  await expect(ask('first')).rejects.toThrow(/two studies or more/);
  await expect(ask('first', 'first')).rejects.toThrow(/first is named twice/);
  await expect(ask('first', 'young')).rejects.toThrow(/young has no networks yet/);
  await expect(writeGroup({ studies: names.map(study), out: place, signal: AbortSignal.abort() })).rejects.toThrow();
  expect(existsSync(place)).toBe(false);
  expect(readdirSync(join(place, '..'))).toEqual([]);
});
