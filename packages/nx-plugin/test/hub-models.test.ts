import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isForAll, isHeld, leftOutStudies } from '../hub-models.mjs';

const hub = { hub: 'facebook/galactica-125m', revision: 'main' };
const outlines = new Map([
  ['pipeline', {}],
  ['galactica', { hub }],
  ['wrong', undefined],
]);
const all = ['node', 'nx', 'run-many', '-t', 'all'];

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'galvani-hub-'));
  vi.stubEnv('HF_HUB_CACHE', cache);
  vi.stubEnv('HF_HUB_OFFLINE', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  rmSync(cache, { recursive: true });
});

test.each([
  ['run-many -t all', true],
  ['affected -t all', true],
  ['run-many -t all -p galactica', false],
  ['run-many --projects=galactica --targets=all', false],
  ['run galactica:all', false],
  ['all galactica', false],
])('nx %s', (words, forAll) => {
  expect(isForAll(['node', 'nx', ...words.split(' ')])).toBe(forAll);
});

test('a model is held where its revision is in the cache', () => {
  const folder = join(cache, 'models--facebook--galactica-125m');
  expect(isHeld(hub)).toBe(false);
  mkdirSync(join(folder, 'snapshots/abc'), { recursive: true });
  expect(isHeld(hub)).toBe(false);
  expect(isHeld({ ...hub, revision: 'abc' })).toBe(true);
  mkdirSync(join(folder, 'refs'));
  writeFileSync(join(folder, 'refs/main'), 'abc\n');
  expect(isHeld(hub)).toBe(true);
});

test('without the Hub a study that needs it is left out of a command for all, with a sentence', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new Error('ENOTFOUND')));
  const left = await leftOutStudies(outlines, all);
  expect([...left.keys()]).toEqual(['galactica']);
  expect(left.get('galactica')).toMatch(
    /^galactica is left out: its model facebook\/galactica-125m is not on this machine/,
  );
  expect(await leftOutStudies(outlines, ['node', 'nx', 'run', 'galactica:all'])).toEqual(new Map());
});

test('nothing is left out where the Hub answers, and it is asked only where that matters', async () => {
  const asked = vi.fn(async () => new Response());
  vi.stubGlobal('fetch', asked);
  expect(await leftOutStudies(outlines, all)).toEqual(new Map());
  expect(asked).toHaveBeenCalledTimes(1);
  await leftOutStudies(new Map([['pipeline', {}]]), all);
  await leftOutStudies(outlines, ['node', 'nx', 'run', 'galactica:all']);
  expect(asked).toHaveBeenCalledTimes(1);
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  expect((await leftOutStudies(outlines, all)).size).toBe(1);
  expect(asked).toHaveBeenCalledTimes(1);
});
