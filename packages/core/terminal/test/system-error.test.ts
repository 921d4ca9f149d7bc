import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explain, Failure, UserMistake, whileWriting } from '@galvani/terminal';
import { expect, test } from 'vitest';

const failing = (code: string) => async () => {
  throw Object.assign(new Error(`${code}: what the system says, write`), { code, errno: -1, syscall: 'write' });
};

test.each([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EROFS',
  'EACCES',
  'EPERM',
  'EISDIR',
  'ENOTDIR',
  'EMFILE',
  'ENFILE',
  'EIO',
  'ESTALE',
  'EWHATEVER',
])('%s while a file is written is a sentence with the file’s name, and exit code 1', async (code) => {
  const error = await whileWriting('out/map.arrow', failing(code)).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(Failure);
  const { text, code: exit } = explain(error);
  expect(exit).toBe(1);
  expect(text).toMatch(
    /^out\/map\.arrow could not be written: [^\n]+\. Nothing half-written was kept\. [A-Z][^\n]+\.$/,
  );
  if (code !== 'EWHATEVER') expect(text).not.toContain(code);
});

test('mistakes, failures and defects pass as they are', async () => {
  for (const error of [new UserMistake('mistake'), new Failure('failure'), new TypeError('defect')])
    await expect(whileWriting('x', () => Promise.reject(error))).rejects.toBe(error);
});

test('what the system refuses outside a writer is a sentence too, with the path where it is known', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'galvani-system-error-'));
  writeFileSync(join(folder, 'file'), '');
  const told = async (work: () => Promise<unknown>) => explain(await work().catch((error: unknown) => error)).text;
  expect(await told(() => readFile(folder))).toBe(
    'it is a folder and not a file. Give another name, or move the folder away.',
  );
  expect(await told(() => open(join(folder, 'none')))).toMatch(/none: it does not exist\. Check its name/);
  expect(await told(() => mkdir(join(folder, 'file/below')))).toMatch(/below: a part of its path is a file/);
  rmSync(folder, { recursive: true });
});

test('a defect keeps its stack, also one with a code of Node’s', () => {
  expect(explain(new TypeError('defect')).text).toMatch(/TypeError: defect\n +at /);
  const invalid = Object.assign(new TypeError('wrong'), { code: 'ERR_INVALID_ARG_TYPE' });
  expect(explain(invalid).text).toMatch(/\n +at /);
});
