import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { writeSmallStudy } from '../../../test/small-study.js';
import { galvani, said } from './run-command.js';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'galvani-unwritable-')));
const study = join(root, 'pipelines/default');
const derivatives = join(root, 'data/derivatives');
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const [superuser, nobody] = [process.geteuid?.() === 0, 65534];

beforeAll(() => {
  // Somebody else has to get through the folders of tests.
  if (superuser) for (let at = root; at !== realpathSync('/tmp') && at !== '/'; at = dirname(at)) chmodSync(at, 0o755);
  write('nx.json', '{}');
  writeSmallStudy({ root, write } as Parameters<typeof writeSmallStudy>[0]);
  mkdirSync(join(derivatives, 'default'), { recursive: true });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Does `look` as somebody who may not write in a folder. */
async function reading<T>(folder: string, look: () => Promise<T>): Promise<T> {
  chmodSync(folder, 0o555);
  // Whom nothing forbids to write is somebody else meanwhile.
  if (superuser) process.seteuid?.(nobody);
  try {
    return await look();
  } finally {
    if (superuser) process.seteuid?.(0);
    chmodSync(folder, 0o755);
  }
}

const listed = async () => JSON.parse(await galvani('plan', study, '--json'));

test('a study that nobody planned is checked, forecast and listed where nothing can be written', async () => {
  const place = join(derivatives, 'default');
  const text = await reading(place, () => galvani('plan', study, '--no-measure'));
  expect(text).toContain(
    `plan: default has 4 runs; nothing can be written in ${place} (permission is denied), so what each stage is told is`,
  );
  expect(text).toMatch(/\n {2}in all /);
  const { warnings, ...seen } = await reading(place, listed);
  expect(warnings).toEqual([
    expect.stringMatching(/^nothing can be written in .*default \(permission is denied\), so .* --out FOLDER/),
  ]);
  expect(existsSync(join(place, 'plan'))).toBe(false);
  await expect(reading(place, () => galvani('submit', study, '--executor', 'slurm', '--dry-run'))).rejects.toThrow();
  const { warnings: none, ...written } = await listed();
  expect(seen).toEqual(written);
  expect(none).toEqual([]);
});

test('of a study that is planned the tasks are listed where the list cannot be written, with a warning', async () => {
  await galvani('plan', study, '--no-measure');
  const place = join(derivatives, 'default');
  rmSync(join(place, 'cluster'), { recursive: true, force: true });
  const { file, tasks, warnings } = await reading(place, listed);
  expect(tasks[0].command).toContain(file);
  expect(said()).toContain(`galvani: ${join(root, file)} could not be written: permission is denied. The tasks are`);
  expect(warnings).toHaveLength(1);
  await listed();
  // A list that lies there needs not be written.
  expect((await reading(place, listed)).warnings).toEqual([]);
  writeFileSync(join(root, file), 'another');
  expect((await reading(join(place, 'cluster'), listed)).warnings).toEqual([expect.stringMatching(/could not be/)]);
});

test('what reads a planned study takes a folder for derivatives in which nothing can be written', async () => {
  await galvani('plan', study, '--no-measure');
  const place = join(derivatives, 'default');
  const replay = () => galvani('replay', study, '--derivatives', place, '--site', 'decoder.layers.0.fc2');
  await expect(reading(place, replay)).rejects.toThrow(/design.* is missing/);
  rmSync(join(place, 'plan'), { recursive: true });
  await expect(reading(place, replay)).rejects.toThrow(/^--derivatives .*default cannot be written/);
});
