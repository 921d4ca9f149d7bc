import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { derivativesOf, parseStudy, planStudy, readStudyFile } from '@galvani/study';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openStudy } from '../src/open-study.js';
import { galvani, said } from './run-command.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-init-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

test('a study in an empty folder, whose plan names embedded files the same wherever galvani is', async () => {
  const place = join(folder, 'my study');
  expect(await galvani('init', place)).toMatch(/my study\/study\.yaml: three tasks on frog/);
  expect((await readdir(place)).sort()).toEqual(['.gitignore', 'study.yaml']);
  const { parameters } = await planStudy(await readStudyFile(join(place, 'study.yaml')));
  expect(parameters.extract.model).toEqual({ path: '@galvani/frog/models/frog' });
  expect(parameters.design.prompts).toEqual(['@galvani/frog/prompts/prompts.csv']);
});

test('advice names the command that was used', async () => {
  vi.stubEnv('npm_command', 'exec');
  await galvani('init', join(folder, 'a'));
  expect(said()).toMatch(/^Next: npx galvani run \S+\/a$/m);
  vi.stubEnv('npm_command', '');
  await galvani('init', join(folder, 'b'));
  expect(said()).toMatch(/^Next: galvani run \S+\/b$/m);
});

test('a folder that a shell would read as several is in quotes, and no name under Nx', async () => {
  await galvani('init', join(folder, 'my study'));
  expect(said()).toMatch(/^Next: (?:npx )?galvani run '\S+\/my study'$/m);
  await expect(galvani('init', '--nx', join(folder, 'my brain'))).rejects.toThrow(/'my brain' cannot be the name/);
});

test('nothing that is there is written over', async () => {
  await writeFile(join(folder, '.gitignore'), 'mine');
  await expect(galvani('init', folder)).rejects.toThrow(/\.gitignore is there already, and nothing was written/);
  expect(await readdir(folder)).toEqual(['.gitignore']);
  expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('mine');
});

test('with --nx a workspace, whose study Nx’s plugin finds, with derivatives where Nx keeps them', async () => {
  const place = join(folder, 'brain');
  await galvani('init', '--nx', place);
  expect((await readdir(place)).sort()).toEqual([
    '.env',
    '.gitignore',
    '.npmrc',
    'nx.json',
    'package.json',
    'pipelines',
  ]);
  const yaml = join(place, 'pipelines/brain/study.yaml');
  expect(parseStudy(await readFile(yaml, 'utf8'), yaml).study.tasks).toHaveLength(3);
  expect(derivativesOf(yaml)).toBe(join(place, 'data/derivatives/brain'));
  const { devDependencies } = JSON.parse(await readFile(join(place, 'package.json'), 'utf8'));
  const own = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
  expect(devDependencies).toEqual({ '@galvani/nx': own.version, galvani: own.version, nx: own.devDependencies.nx });
});

test('a study that lies in no workspace has its derivatives beside it, and the library opens them', async () => {
  await galvani('init', folder);
  await galvani('plan', folder);
  expect((await stat(join(folder, 'derivatives/plan'))).isDirectory()).toBe(true);
  const { runs, glm, leftOut } = await openStudy(folder);
  expect([runs.length, glm, leftOut]).toEqual([12, undefined, []]);
});
