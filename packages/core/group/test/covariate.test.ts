import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readCovariates } from '../src/covariate.js';

const folder = mkdtempSync(join(tmpdir(), 'galvani-by-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const studies = ['one', 'two', 'three'].map((label) => ({ label, named: `studies/${label}` }));
function read(text: string) {
  const path = join(folder, 'by.csv');
  writeFileSync(path, text);
  return readCovariates(path, studies);
}

test('numbers and groups, for studies by their name or as they were named, in any order', async () => {
  const table = 'study,parameters,trained\nstudies/two,2.5e8,no\nother,1,1\none,1e6,yes\nthree,7,yes\n';
  expect(await read(table)).toEqual([
    { name: 'parameters', values: [1e6, 2.5e8, 7] },
    { name: 'trained', groups: ['yes', 'no'], values: [0, 1, 0] },
  ]);
});

test.each([
  ['name,x\none,1\n', /has no column 'study'; its columns are name, x/],
  ['study\none\ntwo\nthree\n', /no column beside 'study'/],
  ['study,x\none,1\ntwo,2\n', /no row for the study three/],
  ['study,x\none,1\ntwo,2\nthree,3\nthree,4\n', /2 rows for the study three/],
  ['study,x\none,1\ntwo,\nthree,3\n', /by.csv:3: x is empty/],
  ['study,x\none,4\ntwo,4\nthree,4\n', /x is 4 for every study/],
  ['study,x\none,a\ntwo,b\nthree,c\n', /x has 3 groups \(a, b, c\), and two are compared/],
  ['study,x\none,a\ntwo,a\nthree,a\n', /x has one group \(a\)/],
])('a mistake is told: %j', async (text, sentence) => {
  await expect(read(text)).rejects.toThrow(sentence);
});
