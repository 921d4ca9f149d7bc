/** Whole small studies of one session, of one task, and of one of each: what they have is whole, and what they have not says why. */
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Manifest, readManifest } from '@galvani/artifact';
import { divisionsOf, runTasks, selectTasks, taskList, taskStates } from '@galvani/cluster';
import { stageTable } from '@galvani/pipeline';
import { openResults } from '@galvani/results';
import { planDigest, readPlan, type Stage, studyFolder, verifyStudy } from '@galvani/study';
import { studyParts } from '@galvani/view';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadStage, loadUnclaimed } from '../apps/cli/src/load-stage.js';
import { hasPython, inPython, runPython } from './python/python.js';
import { smallStudy } from './small-study.js';
import { type StageWorkspace, stageWorkspace } from './stage-workspace.js';

const signal = new AbortController().signal;
const absent = ['decode', 'controls'] as const;
let workspace: StageWorkspace;
let said = '';

beforeAll(() => {
  workspace = stageWorkspace('galvani-absent-');
  const write = (text: string | Uint8Array) => {
    said += String(text);
    return true;
  };
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation(write);
});
afterAll(() => {
  vi.restoreAllMocks();
  workspace.remove();
});

const studies: { name: string; tasks: string; sessions: number; has: string; empty: string[] }[] = [
  {
    name: 'one-session',
    tasks: 'weather, cooking',
    sessions: 1,
    has: '1 session',
    empty: ['geometry/distances', 'networks/repeatability', 'networks/icc'],
  },
  {
    name: 'one-task',
    tasks: 'weather',
    sessions: 2,
    has: '1 task',
    empty: ['geometry/dendrogram', 'geometry/ceiling', 'networks/overlap', 'networks/unit_icc'],
  },
  {
    name: 'one-of-each',
    tasks: 'weather',
    sessions: 1,
    has: '1 session and 1 task',
    empty: ['geometry/distances', 'networks/overlap', 'networks/repeatability'],
  },
];

describe.each(studies)('$name', ({ name, tasks, sessions, has, empty }) => {
  const folder = () => studyFolder(workspace.placeOf(name, ''), workspace.placeOf('..', ''));
  const why = new RegExp(`^Identification takes 2 .* the study has ${has}\\. \\w.*\\.$`);
  const done = (stage: string) => readManifest(workspace.placeOf(name, stage)) as Promise<Manifest>;

  beforeAll(async () => {
    said = '';
    const yaml = smallStudy.replace('[weather, cooking]', `[${tasks}]`).replace('sessions: 2', `sessions: ${sessions}`);
    const rows = stageTable.filter((row) => row.name !== 'plan' && !('byHand' in row && row.byHand));
    const { stage: plan } = await loadUnclaimed('plan' as Stage);
    const stages = await Promise.all(rows.map((row) => loadStage(row.name as Stage)));
    await workspace.run(name, yaml, [plan, ...stages]);
  });

  test('a stage that makes no sense leaves a manifest alone, and says why', async () => {
    for (const stage of absent) {
      const { outputs, facts, plan } = await done(stage);
      expect(outputs).toEqual({});
      expect(facts).toEqual({ absent: expect.stringMatching(why) });
      expect(plan[stage]).toEqual(facts);
      expect(said).toContain(`${stage}: left out. ${facts.absent}\n`);
    }
    for (const stage of ['glm', 'networks', 'yardstick', 'geometry', 'lesion', 'report'])
      expect(Object.keys((await done(stage)).outputs).length).toBeGreaterThan(0);
  });

  test('of the others what is not possible is empty', async () => {
    const results = await openResults(folder(), 'report');
    for (const path of empty) {
      const [stage, table] = path.split('/') as ['networks', 'overlap'];
      const rows = (await results.tables(stage, [table]))[table]!;
      // A network overlaps with itself.
      expect([path, rows.filter((row) => row.task_a === undefined || row.task_a !== row.task_b)]).toEqual([path, []]);
    }
    for (const stage of absent) expect(await results.tables(stage)).toEqual({});
    expect(results.leftOut).toEqual([]);
  });

  test('the report says once what is not there, and in its place why', async () => {
    const page = await readFile(workspace.placeOf(name, 'report/index.html'), 'utf8');
    const { document } = parseHTML(page);
    const { facts } = await done('decode');
    expect([...document.querySelectorAll('header .missing li')].map((each) => each.textContent)).toEqual([
      `decode and controls: ${facts.absent}`,
    ]);
    for (const id of ['identification', 'controls'])
      expect(document.querySelector(`#${id} .absent`)?.textContent).toBe(facts.absent);
    expect(document.body.textContent).not.toMatch(/NaN|undefined|Infinity/);
    expect(document.body.textContent).not.toMatch(/not (been )?\w+ yet/);
  });

  test('it verifies, and the viewer and a list of tasks take it for done', async () => {
    const verdicts = await verifyStudy(folder());
    expect(verdicts.flatMap(({ problems }) => problems)).toEqual([]);
    expect(verdicts.filter((each) => each.absent !== undefined).map(({ stage }) => stage)).toEqual(absent);
    const part = await studyParts({ folder: folder(), name }).part(['study.json']);
    const view = JSON.parse(Buffer.from(part!.bytes).toString());
    expect(view.problems).toEqual([]);
    expect(view.tables.map((each: { stage: string }) => each.stage)).not.toContain('decode');
    const state = (stage: string) => view.stages.find((each: { stage: string }) => each.stage === stage);
    expect(state('decode')).toMatchObject({ state: 'done', why: expect.stringMatching(why) });
    expect(state('glm').why).toBeUndefined();
    const list = await tasksOf();
    expect(list.tasks.filter(({ stage }) => stage === 'decode').map(({ unit }) => unit)).toEqual(['all']);
    const states = await taskStates(folder(), list);
    expect([...states].filter(([, own]) => own.state !== 'done')).toEqual([]);
  });

  test('a job of a cluster leaves it out too, with the same bytes', async () => {
    const path = workspace.placeOf(name, 'decode/manifest.json');
    const before = await readFile(path);
    rmSync(path);
    const list = await tasksOf();
    await runTasks(list, selectTasks(list, 'decode'), await loadUnclaimed('decode'), signal);
    expect(await readFile(path)).toEqual(before);
  });

  test.runIf(hasPython)(`python/galvani.py opens it, ${inPython}`, async () => {
    const { facts } = await done('decode');
    const found = JSON.parse(await runPython('left_out.py', [workspace.placeOf(name, '')]));
    expect(found).toMatchObject({
      left_out: { decode: facts.absent, controls: facts.absent },
      networks: tasks.split(',').length,
      said: `the study has no decode. ${facts.absent}`,
    });
    expect(found.finished).toContain('glm');
    expect(found.finished).not.toContain('decode');
  });

  async function tasksOf() {
    const [parameters, plan] = [await readPlan(folder()), (await planDigest(folder()))!];
    const [derivatives, root] = [workspace.placeOf(name, ''), workspace.placeOf('..', '')];
    const divisions = divisionsOf(parameters, 2);
    return taskList({ name, workspace: root, derivatives, plan, parameters, divisions });
  }
});
