import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('./threaded-run.mjs', import.meta.url));
const built = fileURLToPath(new URL('../dist/recording/writer-thread.js', import.meta.url));

let root: string;
let run: string;
beforeEach(async () => {
  if (!existsSync(built)) throw new Error(`${built} is missing: these tests run what \`npx tsc -b\` builds.`);
  root = await mkdtemp(join(tmpdir(), 'galvani-threaded-'));
  run = join(root, 'ses-01_task-a');
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Records a run of so many tokens; with `most` no file may have more KB. */
function start(tokens: number, { folder = run, thread = 'thread', end = 'never', most = 'unlimited' } = {}) {
  const script = `ulimit -f ${most}; exec "$0" "$@"`;
  const words = [process.execPath, program, folder, String(tokens), thread, end];
  const child = spawn('bash', ['-c', script, ...words]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece) => {
    out += piece;
  });
  child.stderr.on('data', (piece) => {
    err += piece;
  });
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  return { child, ended };
}

const endless = 1_000_000;

/** Waits until the thread has put some slabs on disk, or the process is over. */
async function untilWriting(child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const names = await readdir(run).catch(() => []);
    const sizes = await Promise.all(names.map((name) => stat(join(run, name)).then(({ size }) => size)));
    if (sizes.some((size) => size > 100_000)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function contents(folder: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(folder)).sort();
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
}

describe.runIf(availableParallelism() > 1 && process.platform !== 'win32')('a run that a thread writes', () => {
  test('killed in the midst leaves no file that passes for whole; the same again has the bytes of one that no thread wrote', async () => {
    const { child, ended } = start(endless);
    await untilWriting(child);
    child.kill('SIGKILL');
    expect(await ended).toMatchObject({ code: null, out: 'thread\n' });
    const left = await readdir(run);
    expect(left.filter((name) => name.endsWith('.partial')).length).toBe(1);
    expect(left.filter((name) => !name.endsWith('.partial'))).toEqual([]);
    const alone = join(root, 'alone');
    const [again, other] = await Promise.all([start(30).ended, start(30, { folder: alone, thread: 'none' }).ended]);
    expect(again).toEqual({ code: 0, out: 'thread\nwritten\n', err: expect.any(String) });
    expect(other).toMatchObject({ code: 0, out: 'written\n' });
    const bytes = await contents(run);
    expect([...bytes.keys()]).toEqual(['activations.arrow', 'tokens.parquet']);
    expect(bytes).toEqual(await contents(alone));
  });

  test('stopped in the midst leaves nothing', async () => {
    const { child, ended } = start(endless);
    await untilWriting(child);
    child.kill('SIGINT');
    const { code, err } = await ended;
    expect(code).toBe(130);
    expect(err).toMatch(/galvani: stopped; /);
    expect(await readdir(root)).toEqual([]);
  });

  test('where the disk takes no more says so and leaves nothing', async () => {
    // The limit on a file's size stands for a full disk, which a test cannot have.
    const { code, out, err } = await start(endless, { most: '200' }).ended;
    expect({ code, out }).toEqual({ code: 1, out: 'thread\n' });
    expect(err).toMatch(
      /galvani: \S+\/activations\.arrow could not be written: it would be larger than a file may be here\. Nothing half-written was kept\./,
    );
    expect(await readdir(root)).toEqual([]);
  });

  test('whose thread ends before it is done says so and leaves nothing', async () => {
    const { code, err } = await start(endless, { end: '5' }).ended;
    expect(code).toBe(1);
    expect(err).toMatch(/galvani: the thread that writes recordings ended before it was done\./);
    expect(await readdir(root)).toEqual([]);
  });
});
