import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest } from '@galvani/artifact';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { extractStage } from '../src/extract-stage.js';
import { columnsOf, record } from '../src/recording/record.js';
import { createSlabWriter } from '../src/recording/slab-writer.js';
import { sites, standIn } from './recording/stand-in.js';
import {
  builtStage,
  design,
  event,
  plan,
  referenceEvents,
  spell,
  type TinyStudy,
  targetOf,
  tinyStudy,
} from './tiny-study.js';

beforeAll(() => {
  if (!existsSync(builtStage)) throw new Error(`${builtStage} is missing: these tests run what \`npx tsc -b\` builds.`);
});

const builtWriter = new URL('../dist/recording/threaded-writer.js', import.meta.url).href;
const builtCode = new URL('../../../core/code/dist/index.js', import.meta.url).href;
let study: TinyStudy;
const short = 'ses-01_task-a';
const long = 'ses-02_task-a';

/** So many steps that nobody waits for their end. */
const endless = () => Array.from({ length: 1_500 }, (_, p) => event(long, p, spell([3 + (p % 90)])));

beforeEach(async () => {
  study = await tinyStudy({ [short]: referenceEvents(short), [long]: [] }, { batch: 1, newTokens: 40 });
});
afterEach(() => study.remove());

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

function start(...flags: string[]): { process: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [builtStage, '--study', study.folder.root, '--root', study.root, ...flags], {
    env: { ...process.env, GALVANI_STORE: study.store },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (piece) => {
    out += piece;
  });
  child.stderr.on('data', (piece) => {
    err += piece;
  });
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  return { process: child, ended };
}

/** Waits until the short run is whole and the long one is being written, or the process is over. */
async function untilWriting(child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const names = await readdir(targetOf(study, long)).catch(() => []);
    const isWhole = existsSync(join(targetOf(study, short), 'manifest.json'));
    if (isWhole && names.some((name) => name.endsWith('.partial'))) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a thread of its own writes the same bytes, and its errors arrive', async () => {
  const built = (await import(builtWriter)) as typeof import('../src/recording/threaded-writer.js');
  // Here packages are sources; the thread has the built ones.
  const code = ((await import(builtCode)) as typeof import('@galvani/code')).codeDigest();
  const presentation = {
    prompts: [Int32Array.of(0), Int32Array.of(1)],
    keys: [0, 1],
    newTokens: 7,
    sampling: { method: 'greedy' } as const,
  };
  const plan = { batch: 2, steps: 3, order: 'prompt', ownThread: true } as const;
  const recording = (name: string, storage: 'float32' | 'float16') => ({
    columns: columnsOf({ sites }),
    files: [{ path: join(study.root, name), sites: [0, 1, 2] }],
    storage,
  });
  const threaded = (await built.createThreadedWriter(recording('threaded.arrow', 'float32'), code))!;
  await record(standIn(), presentation, plan, threaded);
  const here = await createSlabWriter(recording('here.arrow', 'float32'));
  await record(standIn(), presentation, plan, here);
  expect(await threaded.finish()).toEqual(await here.finish());

  const overflowing = (await built.createThreadedWriter(recording('overflow.arrow', 'float16'), code))!;
  const far = { ...presentation, prompts: [Int32Array.of(1), Int32Array.of(70)] };
  await expect(record(standIn(), far, plan, overflowing)).rejects.toThrow(/unit 0 of a reached 70000/);
  await overflowing.abandon();
  const files = [{ path: '/dev/null/x', sites: [] }];
  const nowhere = (await built.createThreadedWriter({ ...recording('x', 'float32'), files }, code))!;
  await expect(record(standIn(), presentation, plan, nowhere)).rejects.toThrow(/\/dev\/null/);
  await nowhere.abandon();
  expect(await built.createThreadedWriter(recording('other.arrow', 'float32'), 'other code')).toBeUndefined();
  expect((await readdir(study.root)).filter((name) => name.endsWith('.partial'))).toEqual([]);
});

test('the built stage writes what its sources write', async () => {
  const { code, out } = await start('--run', short).ended;
  expect(code).toBe(0);
  expect(out).toBe(`${short}: 3 prompts, 120 tokens, 1,345 units\n`);
  const built = (await readManifest(targetOf(study, short)))!.outputs;
  await rm(study.folder.extract, { recursive: true });
  process.env.GALVANI_STORE = join(study.root, 'other-store');
  try {
    await extractStage({
      study: study.folder.root,
      root: study.root,
      run: short,
      signal: new AbortController().signal,
    });
  } finally {
    delete process.env.GALVANI_STORE;
  }
  expect((await readManifest(targetOf(study, short)))!.outputs).toEqual(built);
});

test('Ctrl-C in mid-extraction ends with 130 and a sentence; the finished run stays, nothing half-written does', async () => {
  await design(study.folder, { [long]: endless() });
  const { process: child, ended } = start();
  await untilWriting(child);
  child.kill('SIGINT');
  const { code, err } = await ended;
  expect(code).toBe(130);
  expect(err).toMatch(/^galvani: stopped; what is finished is kept/m);
  expect(await readdir(study.folder.extract)).toEqual([short]);
  expect(await readManifest(targetOf(study, short))).toBeDefined();
});

test('killed outright, the same command clears the ruins and goes on', async () => {
  await design(study.folder, { [long]: endless() });
  const { process: child, ended } = start();
  await untilWriting(child);
  child.kill('SIGKILL');
  await ended;
  expect(await readdir(targetOf(study, long))).not.toContain('manifest.json');
  const before = await readFile(join(targetOf(study, short), 'manifest.json'), 'utf8');
  await design(study.folder, { [long]: endless().slice(0, 3) });
  await plan(study.folder, [short, long], { batch: 1, newTokens: 40 });
  const { code, out } = await start().ended;
  expect(code).toBe(0);
  expect(out).toBe(`${short}: kept\n${long}: 3 prompts, 120 tokens, 1,345 units\n`);
  expect(await readFile(join(targetOf(study, short), 'manifest.json'), 'utf8')).toBe(before);
  const names = await readdir(targetOf(study, long));
  expect(names.filter((name) => name.startsWith('.'))).toEqual([]);
  expect(names).toContain('manifest.json');
});

test('a mistake ends with 2, a disk too small with 1', async () => {
  const unknown = await start('--run', 'ses-03_task-a').ended;
  expect(unknown.code).toBe(2);
  expect(unknown.err).toMatch(/^galvani: there is no run 'ses-03_task-a'/);
  process.env.GALVANI_FREE_BYTES = '1000';
  try {
    const small = await start('--run', short).ended;
    expect(small.code).toBe(1);
    expect(small.err).toMatch(/^galvani: the 2 runs .*1\.0 KB are free; nothing was started/);
  } finally {
    delete process.env.GALVANI_FREE_BYTES;
  }
});
