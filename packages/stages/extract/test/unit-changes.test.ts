import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserMistake } from '@galvani/terminal';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readChanges, unitChanges } from '../src/unit-changes.js';

let path: string;
beforeAll(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'galvani-changes-')), 'changes.yaml');
});
afterAll(() => rm(join(path, '..'), { recursive: true, force: true }));
const sites = [{ name: 'fc1', width: 3, kind: 'linear' as const, layer: 'block-00' }];

test('changes are read from YAML and JSON, and without units all of a site’s are meant', async () => {
  await writeFile(path, '- { site: fc1, scale: 0 }\n- site: fc1\n  units: [1, 2]\n  offset: [0.5, -1]\n');
  const expected = [
    { site: 'fc1', units: [0, 1, 2], scale: 0 },
    { site: 'fc1', units: [1, 2], offset: [0.5, -1] },
  ];
  expect(unitChanges(await readChanges(path), sites)).toEqual(expected);
  await writeFile(path, JSON.stringify(expected));
  expect(unitChanges(await readChanges(path), sites)).toEqual(expected);
});

test.each([
  ['- { site: fc1 }', /changes.yaml:1: 0 .*it needs a scale, an offset or both/],
  ['- { site: fc1, units: [1, 2], scale: [0] }', /0\.scale .*one number for all units, or one for each of the 2/],
  ['- { site: fc1, offset: [0, 1, 2] }', /0\.offset .*one number, since units are not listed/],
  ['- { site: fc1, units: [-1], scale: 0 }', /0\.units\.0/],
  ['- { site: fc1, unit: 1, scale: 0 }', /there is no field '0\.unit'.* Allowed here: site, units, scale, offset/],
  ['- { site: fc1, offset: 1e39 }', /0\.offset/],
  ['- { site: "h.*.fc1", scale: 0 }', /0\.site .*must be the name of one site, and not a pattern/],
  ['- { site: fc1, units: [1, 1], scale: [0, 2] }', /0\.units .*each unit may be listed once/],
  ['[]', /the list of changes/],
  ['- { site: fc1, scale: zero }', /0\.scale/],
])('%s is a mistake that is told in a sentence', async (text, sentence) => {
  await writeFile(path, text);
  const error = await readChanges(path).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(UserMistake);
  expect(error.message).toMatch(sentence);
});
