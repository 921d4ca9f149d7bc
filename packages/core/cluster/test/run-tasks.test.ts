import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readManifest, writeManifest } from '@galvani/artifact';
import { stage as decode, divided as dividedDecoding } from '@galvani/decode';
import { divided as dividedGlm, stage as glm } from '@galvani/glm';
import { stage as networks } from '@galvani/networks';
import { readPlan, type Stage, sharePath, studyFolder, writeParameters } from '@galvani/study';
import { type DividedStage, Failure, type StageArguments } from '@galvani/terminal';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { checksums } from '../../../../test/checksums.js';
import {
  type Divisions,
  readTaskList,
  runTasks,
  type StageWork,
  selectTasks,
  snakefile,
  type TaskList,
  taskStates,
} from '../src/index.js';
import { listOf, recordedList } from './recorded-list.js';

const recorded = recordedList();
const signal = new AbortController().signal;
let said: string[];
beforeEach(() => {
  said = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(() => vi.restoreAllMocks());

const run = (list: TaskList, name: string, stage: StageWork['stage'], units?: string, divided?: DividedStage) =>
  runTasks(list, selectTasks(list, name, units), { stage, divided }, signal);
const glmStage = (args: StageArguments) => glm(args);
const networksStage = (args: StageArguments) => networks(args);

/** A copy of the study beside it, in the same workspace. */
async function copied(name: string, divisions?: Divisions) {
  const { folder } = recorded();
  const copy = studyFolder(`${folder.root}-${name}`, folder.workspace);
  await cp(folder.root, copy.root, { recursive: true });
  return { folder: copy, list: await listOf(copy, divisions), remove: () => rm(copy.root, { recursive: true }) };
}

test('a task makes the bytes that its stage makes, once; another of the same that comes at once makes the same', async () => {
  const [alone, twice] = [await copied('alone'), await copied('twice')];
  await glm({ study: alone.folder.root, root: alone.folder.workspace, signal });
  await Promise.all([run(twice.list, 'glm', glmStage), run(twice.list, 'glm', glmStage)]);
  expect(checksums(twice.folder.glm)).toEqual(checksums(alone.folder.glm));
  expect(said.filter((line) => line === 'glm: kept\n')).toHaveLength(1);
  expect((await taskStates(twice.folder, twice.list)).get('glm')).toEqual({ state: 'done' });
  await alone.remove();
  await twice.remove();
});

test.each([
  { name: 'glm', stage: glmStage, divided: dividedGlm },
  { name: 'decode', stage: (args: StageArguments) => decode(args), divided: dividedDecoding },
])(
  'shares of $name are done by whoever comes, once, and joined to the bytes of the stage',
  async ({ name, stage, divided }) => {
    const [alone, shared] = [await copied(`${name}-alone`), await copied(`${name}-shared`, { [name]: 2 })];
    await stage({ study: alone.folder.root, root: alone.folder.workspace!, signal });
    const { folder, list, remove } = shared;
    const states = async () =>
      [...(await taskStates(folder, list))].flatMap(([id, { state }]) => (id.split('/')[0] === name ? [state] : []));
    const doing = (units?: string) => run(list, name, stage, units, divided);
    await expect(doing('all')).rejects.toThrow(new RegExp(`^${name}: ${name}/.shares/\\w+-1-of-2 is missing\\.`));
    expect(await states()).toEqual(['missing', 'missing', 'missing']);
    await Promise.all([doing('2'), doing('2')]);
    expect(said.filter((line) => / kept\n$/.test(line))).toHaveLength(1);
    expect(await states()).toEqual(['missing', 'done', 'missing']);
    await doing();
    expect(await states()).toEqual(['done', 'done', 'done']);
    expect(checksums(join(folder.root, name))).toEqual(checksums(join(alone.folder.root, name)));
    // What comes late finds all done, whatever it is.
    const never = () => Promise.reject(new Error('it ran'));
    await run(list, name, never, undefined, { doShares: never, joinShares: never });
    // What is there and of no use is done anew, since Snakemake takes it for done.
    const place = (number: number) => sharePath(folder, name as Stage, { number, of: 2 });
    await rm(join(folder.root, name, 'manifest.json'));
    await doing('1,2');
    const manifest = (await readManifest(place(2)))!;
    await writeManifest(place(2), { ...manifest, facts: { ...manifest.facts, code: '0'.repeat(64) } });
    said = [];
    await doing('all');
    expect(said[0]).toBe(
      `${name}: ${name}/.shares/${basename(place(2))} was made by another galvani; it is done anew\n`,
    );
    expect(checksums(join(folder.root, name))).toEqual(checksums(join(alone.folder.root, name)));
    // Where the stage is whole a share that is asked for is there, and of no use.
    await run(list, name, never, '1,2', { doShares: never, joinShares: never });
    expect(await readManifest(place(1))).toMatchObject({ stage: name, outputs: {} });
    await rm(join(folder.root, name, 'manifest.json'));
    expect(await states()).toEqual(['stale', 'stale', 'missing']);
    await doing('all');
    expect(checksums(join(folder.root, name))).toEqual(checksums(join(alone.folder.root, name)));
    await alone.remove();
    await remove();
  },
);

test('a task whose input is missing says what to run, and leaves nothing', async () => {
  const { folder, list } = recorded();
  await expect(run(list, 'networks', networksStage)).rejects.toThrow(
    /^networks: .*glm\/manifest\.json is missing: run galvani glm first\. galvani submit, or galvani export snakemake and Snakemake, do what is missing\.$/,
  );
  expect(Object.keys(checksums(folder.root)).filter((path) => path.startsWith('networks'))).toEqual([]);
});

test('a task that could do with whatever is there waits for all of it', async () => {
  const { list } = recorded();
  const never = () => Promise.reject(new Error('it ran'));
  await expect(run(list, 'report', never)).rejects.toThrow(
    /^report: 7 tasks before it are not done\. glm is missing\. Run galvani glm first\./,
  );
});

test('one unit that fails keeps no other from being done', async () => {
  const { list } = recorded();
  const units = list.tasks.filter(({ stage }) => stage === 'extract').map(({ unit }) => unit);
  const met: string[] = [];
  const work = async ({ runs: [unit] = [], among }: StageArguments) => {
    met.push(unit!);
    // Other jobs do the others.
    expect(among).toEqual(units.slice(0, 3));
    if (unit === units[1]) throw new Failure('the disk is full.');
  };
  await expect(run(list, 'extract', work, '1-3')).rejects.toThrow(
    `1 of 3 tasks failed. The first was extract/${units[1]}: the disk is full.`,
  );
  expect(met).toEqual(units.slice(0, 3));
});

test('states are read from artifacts: what is damaged or of another plan is not done', async () => {
  const { folder, list, remove } = await copied('states');
  const [first, second, third] = list.tasks.filter(({ stage }) => stage === 'extract').map(({ id }) => id);
  await rm(join(folder.root, first), { recursive: true });
  const tokens = join(folder.root, second, 'tokens.parquet');
  const bytes = await readFile(tokens);
  bytes[bytes.length >> 1] ^= 1;
  await writeFile(tokens, bytes);
  await writeFile(join(folder.root, third, 'manifest.json'), '{');
  const states = await taskStates(folder, list);
  expect(states.get('design')).toEqual({ state: 'done' });
  expect(states.get(first)).toEqual({ state: 'missing' });
  expect(states.get(second)).toEqual({
    state: 'damaged',
    problem: `${second}/tokens.parquet differs from its checksum`,
  });
  expect(states.get(third)?.state).toBe('damaged');
  expect(states.size).toBe(list.tasks.length);
  await remove();
});

test('jobs of another plan do nothing, and say so', async () => {
  const { folder, list, remove } = await copied('planned-anew');
  const parameters = await readPlan(folder);
  await writeParameters(folder, { parameters: { ...parameters, glm: { ...parameters.glm, relabellings: 30 } } });
  const never = () => Promise.reject(new Error('it ran'));
  await expect(run(list, 'glm', never)).rejects.toThrow(
    /made-up was planned anew since this list of tasks was written: galvani submit/,
  );
  // What it touches is another parameter of a rule, and nothing else is.
  const parametersOf = (text: string) =>
    new Map([...text.matchAll(/^rule (\w+):[\s\S]*?params: plan="(\w+)"/gm)].map(([, rule, plan]) => [rule, plan]));
  const [before, after] = [
    parametersOf(await snakefile(recorded().list, recorded().folder, ['galvani'])),
    parametersOf(await snakefile(list, folder, ['galvani'])),
  ];
  const touched = [...before].filter(([rule, plan]) => after.get(rule) !== plan).map(([rule]) => rule);
  expect(touched).toEqual(expect.arrayContaining(['glm', 'networks', 'report']));
  expect(touched).not.toEqual(expect.arrayContaining(['extract']));
  expect(touched).not.toContain('twin');
  await remove();
});

test('a list of tasks is read back as it was written; what is none is told', async () => {
  const { folder, list } = recorded();
  const path = join(folder.workspace!, list.file);
  expect(await readTaskList(path)).toEqual(list);
  await expect(readTaskList('no/such.json')).rejects.toThrow(
    /there is no list of tasks at no\/such\.json: galvani plan STUDY --json/,
  );
  const other = join(folder.workspace!, 'other.json');
  await writeFile(other, '{"format": "galvani tasks 9"}');
  await expect(readTaskList(other)).rejects.toThrow(/was written by another galvani \(galvani tasks 9/);
  await writeFile(other, '{"format": "galvani tasks 2"}');
  await expect(readTaskList(other)).rejects.toThrow(/is not a list of tasks/);
});
