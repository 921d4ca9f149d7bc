import { spawn } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Event, readManifest, withClaims } from '@galvani/artifact';
import { listStore } from '@galvani/subject';
import { Interrupted } from '@galvani/terminal';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { extractStage } from '../src/extract-stage.js';
import { builtStage, design, event, plan, spell, type TinyStudy, targetOf, tinyStudy } from './tiny-study.js';

const names = ['one', 'two', 'three', 'four', 'five'];
/** Texts of unequal length, and runs of unequal size. */
const textsOf = (run: string, r: number): Event[] =>
  Array.from({ length: [18, 5, 18, 1, 18][r] }, (_, p) => ({
    ...event(run, p, spell(Array.from({ length: 1 + ((p + 3 * r) % 7) }, (_, i) => 3 + ((11 * r + 5 * p + i) % 90)))),
    prompt_id: `p-${r}-${p}`,
  }));
const runs = Object.fromEntries(names.map((name, r) => [name, textsOf(name, r)]));
const sampling = { method: 'sample', temperature: 1.5 } as const;

let study: TinyStudy;
let said: string[];

beforeEach(async () => {
  said = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => said.push(String(line)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => said.push(String(line)) > 0);
  study = await tinyStudy(runs, { sampling });
  process.env.GALVANI_STORE = study.store;
});
afterEach(async () => {
  delete process.env.GALVANI_STORE;
  vi.restoreAllMocks();
  await study.remove();
});

const extract = (run?: string, signal = new AbortController().signal) =>
  extractStage({ study: study.folder.root, root: study.root, signal, runs: run === undefined ? undefined : [run] });

const outputs = async (run: string) => (await readManifest(targetOf(study, run)))?.outputs;
const allOutputs = async () =>
  Object.fromEntries(await Promise.all(names.map(async (run) => [run, await outputs(run)])));
const entries = async () => (await listStore(study.store)).length;

async function startAfresh(): Promise<void> {
  for (const each of [study.store, study.folder.extract]) await rm(each, { recursive: true, force: true });
  said = [];
}

/** What each run holds that is recorded alone: of a study of that run only. */
async function eachAlone(asked: Parameters<typeof plan>[2] = {}) {
  for (const name of names) {
    await plan(study.folder, [name], { sampling, ...asked });
    await extract(name);
  }
  const alone = await allOutputs();
  await plan(study.folder, names, { sampling, ...asked });
  await startAfresh();
  return alone;
}

test('runs have the same bytes alone, all at once, and one by one in any order', async () => {
  const alone = await eachAlone();
  await extract();
  expect(await allOutputs()).toEqual(alone);
  expect(said.filter((line) => / prompts, /.test(line))).toHaveLength(5);
  for (const order of [names, names.toReversed(), ['three', 'five', 'one', 'four', 'two']]) {
    await startAfresh();
    for (const name of order) await extract(name);
    expect(await allOutputs(), order.join()).toEqual(alone);
  }
});

test('a trial for a batch of another size leaves one alone that is computed meanwhile', async () => {
  // 18 + 5 prompts, then 18 + 1, then 18.
  const alone = await eachAlone({ batch: 23, newTokens: 50 });
  await extract();
  expect(await allOutputs()).toEqual(alone);
});

test('a run takes along what fits of the following, into the store alone', async () => {
  await extract('one');
  // 18 + 5 + 18 + 1 + 18 prompts are 60.
  expect(await entries()).toBe(5);
  expect(await readdir(study.folder.extract)).toEqual(['one']);
  said = [];
  await extract('three');
  expect(said).toEqual(['three: taken from the store\n']);
  await startAfresh();
  await extract('three');
  expect(await entries()).toBe(3);
});

test('runs that are there or in the store are not recorded again', async () => {
  await extract('five');
  await extract('three');
  await rm(study.store, { recursive: true });
  await extract('one');
  expect(await entries()).toBe(3);
  await extract();
  expect(said.filter((line) => line.includes(': kept'))).toEqual(
    ['one', 'three', 'five'].map((name) => `${name}: kept\n`),
  );
  expect(said.filter((line) => line.includes('taken'))).toEqual(
    ['two', 'four'].map((n) => `${n}: taken from the store\n`),
  );
});

test('a batch that a person chose is filled up to that number', async () => {
  for (const [batch, expected] of [
    [18, 1],
    [24, 3],
    [36, 3],
    [5, 1],
  ]) {
    await plan(study.folder, names, { sampling, batch });
    await startAfresh();
    await extract('one');
    // Of 24 prompts 18 + 5 + 1.
    expect(await entries(), `${batch}`).toBe(expected);
  }
});

test('without a store that can be written each run is recorded alone, to the same bytes', async () => {
  await extract();
  const shared = await allOutputs();
  await startAfresh();
  delete process.env.GALVANI_STORE;
  await mkdir(join(study.root, 'data/cache'), { recursive: true });
  await writeFile(join(study.root, 'data/cache/extract'), '');
  await extract('one');
  expect(await readdir(study.folder.extract)).toEqual(['one']);
  await extract();
  expect(await allOutputs()).toEqual(shared);
});

test('a run that another command is at work on is left to it', async () => {
  const part = { write: ['extract/two', 'extract/three'] };
  await withClaims({ root: study.folder.root }, part, undefined, () => extract('one'));
  expect(await entries()).toBe(3);
});

test('what is wrong with another run is said when it is its turn', async () => {
  const long = event('two', 1, spell(new Int32Array(59)));
  await design(study.folder, { two: [long] });
  await extract('one');
  expect(await entries()).toBe(4);
  await expect(extract('two')).rejects.toThrow(/the prompt 'p-1' has 59 tokens/);
});

test('Ctrl-C in a shared batch leaves nothing, and the rest goes on from there', async () => {
  const alone = await eachAlone();
  const controller = new AbortController();
  const stopped = extract('one', controller.signal);
  const watch = setInterval(async () => {
    const left = await readdir(study.store).catch(() => []);
    if (left.some((name) => name.startsWith('.partial-'))) controller.abort(new Interrupted('stopped'));
  }, 1);
  await stopped.catch((error) => expect(error).toBeInstanceOf(Interrupted));
  clearInterval(watch);
  expect((await readdir(study.store)).filter((name) => name.startsWith('.'))).toEqual([]);
  await extract();
  expect(await allOutputs()).toEqual(alone);
});

test('what a killed process left in the store is removed by the next, which ends with the same bytes', async () => {
  await extract();
  const before = await allOutputs();
  await startAfresh();
  const flags = ['--study', study.folder.root, '--root', study.root];
  const child = spawn(process.execPath, [builtStage, ...flags], { env: process.env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const partials = async () =>
    (await readdir(study.store).catch(() => [])).filter((name) => name.startsWith('.partial'));
  // Its own files are opened when the others have their places.
  const opened = async () => (await readdir(targetOf(study, 'one')).catch(() => [])).length > 0;
  while (child.exitCode === null && !(await opened())) await new Promise((resolve) => setTimeout(resolve, 1));
  child.kill('SIGKILL');
  await ended;
  await rm(study.folder.extract, { recursive: true, force: true });
  await extract();
  expect(await partials()).toEqual([]);
  expect(await allOutputs()).toEqual(before);
});
