import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { sha256, writeManifest } from '@galvani/artifact';
import { UserMistake } from '@galvani/terminal';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { writeEntry } from '../../src/store/entry.js';
import { storeHolders } from '../../src/store/holders.js';
import { distinctBytes, listStore, sharedBytes } from '../../src/store/list-store.js';
import { pruneStore } from '../../src/store/prune.js';
import { openStore, type Store } from '../../src/store/store.js';
import { storeFolder } from '../../src/store/store-folder.js';
import { verifyStore } from '../../src/store/verify-store.js';

let folder: string;
let store: Store;
/** As the next command does. */
const openAnew = () => {
  store = openStore(join(folder, 'store'), (line) => said.push(line));
};
let said: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-store-'));
  await writeFile(join(folder, 'nx.json'), '{}');
  said = [];
  openAnew();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const key = (n: number) => String(n).padStart(64, '0');

async function putRun(n: number, content = `run ${n}`) {
  const source = await mkdtemp(join(folder, 'run-'));
  await writeFile(join(source, 'a.arrow'), content);
  const outputs = { 'a.arrow': { sha256: sha256(content), bytes: content.length } };
  await store.put(key(n), { outputs, facts: { n } }, source);
  return { source, outputs };
}

/** Takes an entry into a new folder, and lists what is there then. */
async function take(n: number) {
  const target = await mkdtemp(join(folder, 'target-'));
  const cleared: string[] = [];
  const run = await store.take(key(n), target, async () => {
    cleared.push(target);
  });
  return { run, target, cleared: cleared.length, names: await readdir(target) };
}

async function pipe(path: string) {
  await rm(path);
  execFileSync('mkfifo', [path]);
}

const entryPath = (n: number, file = '') => join(store.folder, key(n), file);

test('what is put is taken, without a second copy of the bytes', async () => {
  const { source, outputs } = await putRun(1);
  const { run, target, cleared, names } = await take(1);
  expect(run).toEqual({ outputs, facts: { n: 1 } });
  expect({ cleared, names }).toEqual({ cleared: 1, names: ['a.arrow'] });
  expect((await stat(join(target, 'a.arrow'))).ino).toBe((await stat(join(source, 'a.arrow'))).ino);
  expect(await take(2)).toMatchObject({ run: undefined, cleared: 0, names: [] });
  expect(said).toEqual([]);
});

test('entries have the modes that the umask gives, so that others may share a store', async () => {
  const before = process.umask(0o027);
  try {
    await putRun(1);
    expect((await stat(entryPath(1))).mode & 0o777).toBe(0o750);
    expect((await stat(entryPath(1, 'entry.json'))).mode & 0o777).toBe(0o640);
  } finally {
    process.umask(before);
  }
});

test('a second put under one key changes nothing', async () => {
  await putRun(1, 'first');
  await putRun(1, 'second');
  expect(await readFile(join(store.folder, key(1), 'a.arrow'), 'utf8')).toBe('first');
  expect(await readdir(store.folder)).toEqual([key(1)]);
});

test.each([0, 7200, -7200])(
  'what a killed process left is removed after an hour, by a clock that is %i s ahead too',
  async (ahead) => {
    await putRun(1);
    for (const [name, age] of [
      ['.partial-old', 7200],
      ['.partial-new', 60],
    ] as const) {
      await mkdir(join(store.folder, name));
      const then = Date.now() / 1000 - age;
      await utimes(join(store.folder, name), then, then);
    }
    openAnew();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 1e3 * ahead);
    await putRun(2);
    clock.mockRestore();
    expect((await readdir(store.folder)).sort()).toEqual(['.partial-new', key(1), key(2)]);
  },
);

test('what a process of this machine was writing when it was killed is removed at once, what one that lives writes is not', async () => {
  await putRun(1);
  const held = (await store.reserve(key(3)))!;
  const owner = JSON.parse(await readFile(join(held.folder, '.owner.json'), 'utf8'));
  await mkdir(join(store.folder, '.partial-dead'));
  // No process has that number.
  await writeFile(join(store.folder, '.partial-dead/.owner.json'), JSON.stringify({ ...owner, pid: 2 ** 31 - 1 }));
  openAnew();
  await putRun(2);
  expect((await readdir(store.folder)).sort()).toEqual([basename(held.folder), key(1), key(2)].sort());
  await writeFile(join(held.folder, 'a.arrow'), 'run 3');
  await held.keep({ outputs: { 'a.arrow': { sha256: sha256('run 3'), bytes: 5 } }, facts: { n: 3 } });
  expect((await readdir(entryPath(3))).sort()).toEqual(['a.arrow', 'entry.json']);
  expect((await take(3)).run?.facts).toEqual({ n: 3 });
});

test.each<[string, RegExp, (one: string, two: string) => unknown]>([
  ['a file is missing', /a\.arrow cannot be read/, (one) => rm(join(one, 'a.arrow'))],
  ['a file has other bytes', /a\.arrow is damaged/, (one) => writeFile(join(one, 'a.arrow'), 'run x')],
  ['its record is unreadable', /entry\.json is damaged/, (one) => writeFile(join(one, 'entry.json'), '{')],
  ['its record is no record', /entry\.json (is damaged|differs)/, (one) => writeFile(join(one, 'entry.json'), 'null')],
  ['a file is a pipe', /a\.arrow cannot be read/, (one) => pipe(join(one, 'a.arrow'))],
  ['its record is a pipe', /entry\.json cannot be read/, (one) => pipe(join(one, 'entry.json'))],
  ['its record is missing', /entry\.json is missing/, (one) => rm(join(one, 'entry.json'))],
  ['its facts were edited', /entry\.json differs from its own checksum/, (one) => edit(one, '"n": 1', '"n": 7')],
  ['its checksums were edited', /differs from its own checksum/, (one) => edit(one, '"bytes": 5', '"bytes": 6')],
  [
    'it lies under another key',
    /entry\.json is that of 0+2:/,
    async (one, two) => {
      await rm(one, { recursive: true });
      await rename(two, one);
    },
  ],
  [
    'its files are those of another',
    /a\.arrow is damaged/,
    (one, two) => rename(join(two, 'a.arrow'), join(one, 'a.arrow')),
  ],
])('an entry is dropped if %s', async (_, line, damage) => {
  await putRun(1);
  await putRun(2);
  await damage(entryPath(1), entryPath(2));
  expect(await take(1)).toMatchObject({ run: undefined, cleared: 0, names: [] });
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(line);
  expect(said[0]).toMatch(/: the entry is dropped, and the run recorded again\.$/);
  expect(await readdir(store.folder)).not.toContain(key(1));
});

async function edit(entry: string, from: string, to: string) {
  const path = join(entry, 'entry.json');
  const text = await readFile(path, 'utf8');
  expect(text.replaceAll(/\s/g, '')).toContain(from.replaceAll(/\s/g, ''));
  await writeFile(path, text.replace(new RegExp(from.replace(' ', '\\s*')), to));
}

test('an entry that was altered with its checksum names no files outside of its folder', async () => {
  const { outputs } = await putRun(1);
  const run = { outputs: { '../../secret': outputs['a.arrow'] }, facts: {} };
  await writeEntry(entryPath(1), key(1), run);
  expect(await take(1)).toMatchObject({ run: undefined, names: [] });
  expect(said[0]).toMatch(/names files outside of its folder/);
});

test('an entry that is pruned while it is taken counts as not there', async () => {
  await putRun(1);
  const target = join(folder, 'target');
  const run = await store.take(key(1), target, () => rm(join(entryPath(1), 'a.arrow'), { force: true }));
  expect(run).toBeUndefined();
});

test('entries that two put at once are there once', async () => {
  await Promise.all([putRun(1), putRun(1), putRun(1)]);
  expect(await readdir(store.folder)).toEqual([key(1)]);
  expect((await take(1)).names).toEqual(['a.arrow']);
  expect(said).toEqual([]);
});

test.skipIf(process.getuid?.() === 0)(
  'a store that cannot be written gives what it has, and says what it cannot keep',
  async () => {
    await putRun(1);
    for (const path of [entryPath(1), store.folder]) await chmod(path, 0o555);
    expect((await take(1)).names).toEqual(['a.arrow']);
    expect(said).toEqual([]);
    await putRun(2);
    expect(said.pop()).toMatch(/is whole but could not be kept in the store .*: .*permission/i);
    for (const path of [entryPath(1), store.folder]) await chmod(path, 0o755);
  },
);

test('a place where no store can be is said, and costs nothing else', async () => {
  await writeFile(join(folder, 'file'), '');
  store = openStore(join(folder, 'file', 'store'), (line) => said.push(line));
  await putRun(1);
  expect(said.pop()).toMatch(/is whole but could not be kept in the store /);
});

test.each(['/dev/null/x', process.execPath, ...(existsSync('/proc/self') ? ['/proc/nowhere/x'] : [])])(
  'GALVANI_STORE=%s is a mistake',
  async (place) => {
    vi.stubEnv('GALVANI_STORE', place);
    const error = await storeFolder(folder).catch((thrown) => thrown);
    vi.unstubAllEnvs();
    expect(error).toBeInstanceOf(UserMistake);
    expect(error.message).toContain(`GALVANI_STORE ${place} cannot be written: `);
  },
);

test('pruning removes what was unused for longest', async () => {
  for (const n of [1, 2, 3]) {
    await putRun(n);
    await utimes(join(store.folder, key(n), 'entry.json'), 1000 + n, 1000 + n);
  }
  // Taking the first makes it the last that was used.
  await take(1);
  const entries = await listStore(store.folder);
  expect(entries.map((entry) => entry.key)).toEqual([key(2), key(3), key(1)]);
  const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  const prune = async (keepBytes: number, dryRun?: boolean) => {
    const { removed, kept } = await pruneStore(store.folder, { keepBytes, dryRun });
    return [removed, kept].map((list) => list.map((entry) => entry.key));
  };
  const all = [key(2), key(3), key(1)];
  expect(await prune(total)).toEqual([[], all]);
  expect(await prune(total - 1, true)).toEqual([[key(2)], [key(3), key(1)]]);
  expect((await listStore(store.folder)).map((entry) => entry.key)).toEqual(all);
  expect(await prune(total - 1)).toEqual([[key(2)], [key(3), key(1)]]);
  expect((await listStore(store.folder)).map((entry) => entry.key)).toEqual([key(3), key(1)]);
  expect(await prune(0)).toEqual([[key(3), key(1)], []]);
  expect(await listStore(join(folder, 'nowhere'))).toEqual([]);
});

test('pruning by age removes what was used before, whatever fits', async () => {
  for (const n of [1, 2, 3]) {
    await putRun(n);
    await utimes(join(store.folder, key(n), 'entry.json'), 1000 * n, 1000 * n);
  }
  const unusedSince = new Date(2_000_000);
  const { removed } = await pruneStore(store.folder, { unusedSince });
  expect(removed.map((entry) => entry.key)).toEqual([key(1)]);
  // Both rules: what either leaves out goes.
  const both = await pruneStore(store.folder, { unusedSince: new Date(2_500_000), keepBytes: 0 });
  expect(both.removed.map((entry) => entry.key)).toEqual([key(2), key(3)]);
});

test('bytes that several names share count once, and those that a study has too are told', async () => {
  await putRun(1, 'x'.repeat(1000));
  await take(1);
  const [entry] = await listStore(store.folder);
  const record = entry.bytes - 1000;
  expect(distinctBytes([entry, entry])).toBe(entry.bytes);
  expect(sharedBytes([entry])).toBe(1000);
  for (const name of await readdir(folder))
    if (name !== 'store') await rm(join(folder, name), { recursive: true, force: true });
  const [alone] = await listStore(store.folder);
  expect(sharedBytes([alone])).toBe(0);
  expect(distinctBytes([alone])).toBe(1000 + record);
});

test('verifying reads every file, says which entries are damaged, and drops them where that is asked for', async () => {
  for (const n of [1, 2, 3]) await putRun(n);
  let read = 0;
  const onBytes = (bytes: number) => {
    read += bytes;
  };
  expect(await verifyStore(store.folder, { onBytes })).toEqual({ entries: 3, damaged: [] });
  expect(read).toBe(3 * 'run 1'.length);
  await rm(entryPath(1, 'a.arrow'));
  await rm(entryPath(2, 'a.arrow'));
  await writeFile(entryPath(2, 'a.arrow'), 'run 3');
  const problems = [/a\.arrow cannot be read/, /a\.arrow is damaged/].map((text) => expect.stringMatching(text));
  const found = (dropped: boolean) => ({
    entries: 3,
    damaged: problems.map((damage, i) => ({ key: key(i + 1), damage, dropped })),
  });
  expect(await verifyStore(store.folder)).toEqual(found(false));
  expect(await verifyStore(store.folder, { drop: true })).toEqual(found(true));
  expect(await verifyStore(store.folder)).toEqual({ entries: 1, damaged: [] });
});

test('which runs of a workspace’s studies an entry is of is read in their manifests', async () => {
  const manifest = (study: string, stage: string, run: string, parameters: Record<string, unknown>) =>
    writeManifest(join(folder, 'data/derivatives', study, stage, run), {
      ...{ stage, parameters, inputs: {}, outputs: {}, facts: {} },
    });
  const twin = { twin: { path: 'm' }, seed: 3, sha256: 'a'.repeat(64) };
  await manifest('one', 'extract', 'ses-01', { key: key(1), model: { path: 'm', sha256: 'a'.repeat(64) } });
  await manifest('one', 'twin', 'ses-01', { key: key(2), model: twin });
  await manifest('two', 'extract', 'ses-02', { key: key(1) });
  await manifest('two', 'twin', 'ses-02', {});
  await mkdir(join(folder, 'data/derivatives/three/extract/ses-01'), { recursive: true });
  await writeFile(join(folder, 'data/derivatives/three/extract/ses-01/manifest.json'), 'nothing');
  const holdersOf = await storeHolders(folder);
  const holders = (entry: string, facts = {}) =>
    holdersOf({ key: entry, facts }).map(({ study, stage, run }) => `${study}/${stage}/${run}`);
  expect(holders(key(1))).toEqual(['one/extract/ses-01', 'two/extract/ses-02']);
  expect(holders(key(2))).toEqual(['one/twin/ses-01']);
  expect(holders(key(3))).toEqual([]);
  const whose = { twin: 'a'.repeat(64), seed: 3 };
  expect(holders(`twins/${key(9)}`, whose)).toEqual(['one/twin/ses-01']);
  expect(holders(`twins/${key(9)}`, { ...whose, seed: 4 })).toEqual([]);
});

test('without a workspace, studies that lie in one folder are read', async () => {
  await rm(join(folder, 'nx.json'), { force: true });
  await writeManifest(join(folder, 'one/derivatives/extract/ses-01'), {
    ...{ stage: 'extract', parameters: { key: key(1) }, inputs: {}, outputs: {}, facts: {} },
  });
  for (const root of [folder, join(folder, 'one')]) {
    const holdersOf = await storeHolders(root);
    expect(holdersOf({ key: key(1), facts: {} })).toEqual([{ study: 'one', stage: 'extract', run: 'ses-01' }]);
    expect(holdersOf({ key: key(2), facts: {} })).toEqual([]);
  }
});
