import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireEnding, requireWritableFile, requireWritableFolder } from '@galvani/artifact';
import { UserMistake } from '@galvani/terminal';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvani-writable-'));
  writeFileSync(at('file'), '');
  mkdirSync(at('locked'));
  chmodSync(at('locked'), 0o500);
  symlinkSync(at('loop'), at('loop'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a new file, one that is replaced, and one in folders that are not there yet can be written; nothing is made', async () => {
  for (const name of ['new', 'file', 'a/b/c.arrow']) await requireWritableFile(at(name), '.arrow');
  await requireWritableFolder(at('x/y'));
  await requireWritableFolder(folder);
  expect(existsSync(at('a'))).toBe(false);
  expect(existsSync(at('x'))).toBe(false);
});

test.each([
  ['.', /is a folder; give the name of the file to write, such as .*\.parquet\.$/],
  ['file/new', /^--out .*file\/new cannot be written: .*\/file is a file and not a folder\. Give another name\.$/],
  ['file/a/b', /\/file is a file and not a folder/],
  ['loop', /its links lead in a circle/],
  ['n'.repeat(300), /its name is too long/],
])('%s is refused', async (name, message) => {
  const error = await requireWritableFile(at(name), '.parquet').catch((thrown) => thrown);
  expect(error).toBeInstanceOf(UserMistake);
  expect(error.message).toMatch(message);
  if (name !== '.') await expect(requireWritableFolder(at(name))).rejects.toThrow(UserMistake);
});

test('a name promises no other format than the file will have', () => {
  for (const name of ['x.arrow', 'x.ARROW', 'x.feather', 'x', 'x.ses-01', 'a.csv/x']) requireEnding(name, 'Arrow');
  for (const [name, better] of [
    ['x.csv', 'x.arrow'],
    ['a.b/x.Parquet', 'a.b/x.arrow'],
    ['x.safetensors', 'x.arrow'],
  ])
    expect(() => requireEnding(name, 'Arrow')).toThrow(
      new UserMistake(
        `--out ${name} would hold Arrow, which its ending does not say: give another name, such as ${better}.`,
      ),
    );
  expect(() => requireEnding('x.arrow', 'Parquet')).toThrow(/would hold Parquet, .* such as x\.parquet\.$/);
});

test('a device is no place for a file: it would be replaced', async () => {
  await expect(requireWritableFile('/dev/null', '.arrow')).rejects.toThrow(/^--out \/dev\/null is not a regular file/);
});

test.runIf(existsSync('/proc/self'))('a folder in which nothing can be made is refused, whoever asks', async () => {
  await expect(requireWritableFile('/proc/new/file', '.arrow')).rejects.toThrow(
    /^--out \/proc\/new\/file cannot be written: nothing can be made in \/proc\./,
  );
});

// Root may write everywhere.
test.skipIf(process.getuid?.() === 0)('a folder that cannot be written is refused', async () => {
  await expect(requireWritableFile(at('locked/new'), '.arrow')).rejects.toThrow(
    /cannot be written in .*locked: permission is denied/,
  );
});
