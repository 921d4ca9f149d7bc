import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256, writeFileWhole, writeManifest } from '@galvani/artifact';
import { openStore } from '@galvani/subject';
import { Failure, UserMistake } from '@galvani/terminal';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { galvani, said } from './run-command.js';

const keys = [1, 2].map((n) => String(n).padStart(64, '0'));
let folder: string;
let store: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-store-command-'));
  await writeFile(join(folder, 'nx.json'), '{}');
  store = join(folder, 'store');
  vi.stubEnv('GALVANI_STORE', store);
  for (const [k, key] of keys.entries()) {
    const content = 'x'.repeat(1000 * (k + 1));
    const source = join(folder, `run-${k}`);
    await writeFileWhole(join(source, 'a.arrow'), content);
    const outputs = { 'a.arrow': { sha256: sha256(content), bytes: content.length } };
    await openStore(store, () => {}).put(key, { outputs, facts: { prompts: 3, rows: 18, units: 1345 } }, source);
  }
  await rm(join(folder, 'run-0'), { recursive: true });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const kept = async () => (await readdir(store)).sort();

test('list says what each entry is and what all of them take', async () => {
  expect(await galvani('store', 'list')).toMatch(
    /^0{12} +1\.\d KB +\d{4}-\d\d-\d\d +3 prompts, 18 rows, 1,345 units +in no study here$/m,
  );
  expect(said()).toMatch(/2 recordings and twins, 3\.\d KB, of which 2\.0 KB are the files of studies too/);
  const { entries, bytes, shared } = JSON.parse(await galvani('store', 'list', '--json'));
  expect(entries.map(({ key }: { key: string }) => key).sort()).toEqual(keys);
  expect(entries[0]).toMatchObject({ kind: 'recording', prompts: 3, rows: 18, holders: [] });
  expect({ shared, whole: bytes > 3000 }).toEqual({ shared: 2000, whole: true });
});

test('an entry without a record has no day, and goes first', async () => {
  await rm(join(store, keys[1], 'entry.json'));
  expect(await galvani('store', 'list')).toMatch(/^0{12} +2\.0 KB {2}- +its record is damaged +in no study here$/m);
  const { entries } = JSON.parse(await galvani('store', 'list', '--json'));
  expect(entries[0]).toMatchObject({ key: keys[1], bytes: 2000 });
  expect(entries[0].used).toBeUndefined();
  await galvani('store', 'prune', '--unused-for', '1h');
  expect(await kept()).toEqual([keys[0]]);
});

test('list says what each study of the workspace has', async () => {
  const run = (study: string, k: number) => join(folder, 'data/derivatives', study, 'extract', `run-${k}`);
  const manifest = (key: string) => ({ stage: 'extract', parameters: { key }, inputs: {}, outputs: {}, facts: {} });
  await writeManifest(run('one', 0), manifest(keys[0]));
  await writeManifest(run('two', 0), manifest(keys[0]));
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  expect(await galvani('store', 'list')).toMatch(/ one: extract\/run-0 and 1 more$/m);
  expect(said()).toMatch(/^one: 1 recording or twin, 1\.\d KB$/m);
  expect(said()).toMatch(/^in no study here: 1 recording or twin, 2\.\d KB$/m);
  const { studies } = JSON.parse(await galvani('store', 'list', '--json'));
  expect(studies).toMatchObject([
    { study: 'one', entries: 1 },
    { study: 'two', entries: 1 },
  ]);
});

test('verify ends with 1 where an entry is damaged, which --drop removes', async () => {
  expect(await galvani('store', 'verify')).toBe('');
  await rm(join(store, keys[1], 'a.arrow'));
  await writeFile(join(store, keys[1], 'a.arrow'), 'other');
  await expect(galvani('store', 'verify')).rejects.toThrow(Failure);
  await expect(galvani('store', 'verify')).rejects.toThrow(/1 of 2 recordings and twins is damaged: .*--drop/);
  expect(await kept()).toEqual(keys);
  const { damaged } = JSON.parse(await galvani('store', 'verify', '--drop', '--json'));
  expect(damaged).toMatchObject([{ key: keys[1], dropped: true }]);
  expect(await kept()).toEqual([keys[0]]);
});

test('prune keeps what fits, or what was used; a dry run keeps all', async () => {
  const dry = JSON.parse(await galvani('store', 'prune', '--keep-bytes', '0', '--dry-run', '--json'));
  expect(dry).toMatchObject({ dryRun: true, kept: { entries: 0, bytes: 0 } });
  expect(dry.removed).toHaveLength(2);
  expect(dry.bytes - dry.freed).toBe(2000);
  await galvani('store', 'prune', '--unused-for', '1h');
  expect(await kept()).toEqual(keys);
  await galvani('store', 'prune', '--keep-bytes', '1GB', '--dry-run');
  expect(said()).toMatch(/would remove 0 recordings and twins.*2 recordings and twins, 3\.\d KB would remain/);
  await galvani('store', 'prune', '--keep-bytes', '0 KB');
  expect(await kept()).toEqual([]);
});

test.each([
  [['prune'], /--keep-bytes 20GB .*--unused-for 30d/],
  [['prune', '--keep-bytes', '20 pounds'], /number of bytes, such as 20GB/],
  [['prune', '--unused-for', '30'], /hours, days or weeks, such as 12h, 30d or 4w/],
  [['prune', '--keep', '3'], /unknown option '--keep'/],
])('store %j is a mistake', async (words, sentence) => {
  const error = await galvani('store', ...words).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(UserMistake);
  expect(error.message).toMatch(sentence);
  expect(await kept()).toEqual(keys);
});
