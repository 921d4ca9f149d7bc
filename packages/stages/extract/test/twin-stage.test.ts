import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest } from '@galvani/artifact';
import { listStore, pruneStore } from '@galvani/subject';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { twinDigest, twinFolder } from '../../../core/subject/src/store/twins.js';
import { extractStage } from '../src/extract-stage.js';
import { twinStage } from '../src/twin-stage.js';
import { design, plan, readRun, referenceEvents, type TinyStudy, targetOf, tinyStudy } from './tiny-study.js';

let study: TinyStudy;
let said: string[];
const run = 'ses-01_task-a';
const making = () => said.filter((line) => line.includes('making the untrained twin')).length;
const told = () => ({ study: study.folder.root, root: study.root, signal: new AbortController().signal });
const twins = () => readdir(join(study.store, 'twins'));
const manifestOf = async (stage: 'extract' | 'twin') => (await readManifest(targetOf(study, run, stage)))!;

/** The twin becomes the study's subject. */
async function asSubject() {
  await plan(study.folder, [run], { model: { twin: { path: 'model' }, seed: 7 } }, { absent: 'none.' });
  await design(study.folder, {});
}

beforeEach(async () => {
  said = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => said.push(String(line)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => said.push(String(line)) > 0);
  study = await tinyStudy({ [run]: referenceEvents(run) });
  process.env.GALVANI_STORE = study.store;
});
afterEach(async () => {
  delete process.env.GALVANI_STORE;
  vi.restoreAllMocks();
  await study.remove();
});

test('the twin is recorded as the model is: the same files, sites and rows, other numbers', async () => {
  await extractStage(told());
  await twinStage(told());
  const [own, twin] = [await readRun(study, run), await readRun(study, run, 'twin')];
  expect([...twin.keys()]).toEqual([...own.keys()]);
  for (const [site, values] of own) {
    expect(twin.get(site)!.length).toBe(values.length);
    expect(twin.get(site)!.every(Number.isFinite)).toBe(true);
    expect(twin.get(site)).not.toEqual(values);
  }
  const [mine, its] = [await manifestOf('extract'), await manifestOf('twin')];
  expect(Object.keys(its.outputs)).toEqual(Object.keys(mine.outputs));
  expect(its.facts).toMatchObject({ rows: mine.facts.rows, layers: mine.facts.layers });
  expect(its.inputs).toEqual(mine.inputs);
  const { sha256 } = mine.parameters.model as { sha256: string };
  expect(its.parameters.model).toEqual({ twin: { path: 'model' }, seed: 7, sha256 });
});

test('prompts’ means of it are those that float32 would hold, to half precision', async () => {
  const kept = { keep: 'prompts', afterEnd: 'drop' } as const;
  await plan(study.folder, [run], kept);
  await twinStage(told());
  const full = await readRun(study, run, 'twin');
  await plan(study.folder, [run], kept, { storage: 'float16', saturate: true });
  await twinStage(told());
  expect((await manifestOf('twin')).facts).toMatchObject({ storage: 'float16', keep: 'prompts' });
  for (const [site, values] of await readRun(study, run, 'twin'))
    for (const [i, value] of values.entries()) {
      const exact = full.get(site)![i];
      expect(Math.abs(value - exact)).toBeLessThanOrEqual(2 ** -11 * Math.abs(exact) + 2 ** -25);
    }
});

test('its recordings are found in the store without the twin, which is made when it is needed', async () => {
  await twinStage(told());
  expect(making()).toBe(1);
  const { outputs } = await manifestOf('twin');
  await rm(study.folder.twin, { recursive: true });
  await twinStage(told());
  expect(said.at(-1)).toContain('taken from the store');
  expect(making()).toBe(1);
  for (const key of (await listStore(study.store)).map((entry) => entry.key))
    await rm(join(study.store, key), { recursive: true });
  await rm(study.folder.twin, { recursive: true });
  await twinStage(told());
  expect((await manifestOf('twin')).outputs).toEqual(outputs);
  expect(making()).toBe(2);
});

test('its weights lie in the store until its last run is recorded, and of a study that it is the subject of they stay', async () => {
  const other = 'ses-02_task-a';
  await design(study.folder, { [run]: referenceEvents(run), [other]: referenceEvents(other).slice(1) });
  await plan(study.folder, [run, other]);
  await twinStage({ ...told(), runs: [run], among: [run] });
  expect(await twins()).toHaveLength(1);
  await twinStage({ ...told(), runs: [other], among: [other] });
  expect(making()).toBe(1);
  expect(await twins()).toEqual([]);
  await asSubject();
  await rm(study.store, { recursive: true });
  await extractStage(told());
  expect(await twins()).toHaveLength(1);
});

test('a twin that is damaged is made anew, and the store lists and prunes it', async () => {
  await asSubject();
  await extractStage(told());
  const { outputs } = await manifestOf('extract');
  const [twin] = await twins();
  const weights = join(study.store, 'twins', twin, 'model.safetensors');
  const bytes = await readFile(weights);
  await writeFile(
    weights,
    bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)),
  );
  const recordings = (await listStore(study.store)).map(({ key }) => key).filter((key) => !key.startsWith('twins/'));
  for (const key of recordings) await rm(join(study.store, key), { recursive: true });
  await rm(study.folder.extract, { recursive: true });
  await extractStage(told());
  expect(making()).toBe(2);
  expect((await readFile(weights)).equals(bytes)).toBe(true);
  expect((await manifestOf('extract')).outputs).toEqual(outputs);
  expect((await listStore(study.store)).map(({ key }) => key)).toContain(`twins/${twin}`);
  await pruneStore(study.store, { keepBytes: 0 });
  expect(await twins()).toEqual([]);
});

test('where the store takes no twin, it is made in the workspace', async () => {
  await mkdir(study.store);
  await writeFile(join(study.store, 'twins'), '');
  await asSubject();
  await extractStage(told());
  expect(await readdir(join(study.root, 'data/cache/twins'))).toHaveLength(1);
  expect((await manifestOf('extract')).facts).toHaveProperty('layers');
});

test('a twin that two make at once is there once, whole', async () => {
  const twin = { of: 'a', seed: 1, digest: await twinDigest({ of: 'a', seed: 1 }) };
  const made = await Promise.all([1, 2, 3].map(() => twinFolder(study.model, twin, [study.store])));
  expect(new Set(made)).toEqual(new Set([join(study.store, 'twins', twin.digest)]));
  expect((await readdir(study.store)).filter((name) => name !== 'twins')).toEqual([]);
  expect((await readdir(made[0])).sort()).toEqual(['config.json', 'entry.json', 'model.safetensors', 'tokenizer.json']);
  const other = { of: 'b', seed: 1, digest: await twinDigest({ of: 'b', seed: 1 }) };
  await expect(twinFolder(join(study.root, 'no.onnx'), other, [study.store])).rejects.toThrow(/has no twin/);
  expect(await readdir(study.store)).toEqual(['twins']);
  expect(await twins()).toEqual([twin.digest]);
});

test('where there is no twin a manifest says why, in place of what was recorded before', async () => {
  await twinStage(told());
  await plan(study.folder, [run], {}, { absent: 'the subject is a twin itself.' });
  await twinStage(told());
  expect(await readdir(targetOf(study, run, 'twin'))).toEqual(['manifest.json']);
  expect((await manifestOf('twin')).facts).toEqual({ absent: 'the subject is a twin itself.' });
  expect(said.at(-1)).toBe('twin: none is recorded: the subject is a twin itself.\n');
  await expect(twinStage({ ...told(), runs: ['ses-09_task-a'] })).rejects.toThrow(/there is no run 'ses-09_task-a'/);
});

test('a twin as the subject is recorded by extract, the same numbers as the twin of that seed', async () => {
  await twinStage(told());
  await asSubject();
  await extractStage(told());
  expect(said.at(-1)).toContain('taken from the store');
  expect(await readRun(study, run)).toEqual(await readRun(study, run, 'twin'));
});
