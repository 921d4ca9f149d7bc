/**
 * What is done again and what is not, with the real stages under the real Nx. The study of each test is the small one with
 * one thing changed, and the small one is in the cache from the start.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checksums } from './checksums.js';
import { readPackages } from './packages.js';
import { smallRuns, writeSmallStudy } from './small-study.js';
import { type NxRun, type TemporaryWorkspace, temporaryWorkspace } from './temporary-workspace.js';

const study = 'pipelines/default/study.yaml';
const derivatives = 'data/derivatives/default';
const report = `${derivatives}/report/index.html`;
const config = 'data/models/small/config.json';
const store = 'data/cache/extract';
/** Stages of the whole study but `extract` and `twin`, which run only where files of recordings are not beside their manifests. */
const whole = 'plan design wording glm networks decode yardstick geometry controls lesion report'
  .split(' ')
  .map((stage) => `pipeline:${stage}`);
const extractions = (runs: string[]) => runs.map((run) => `pipeline/${run}:extract`);

let workspace: TemporaryWorkspace;
let first: NxRun;
/** SHA-256 of every derivative after the first run. */
let files: Record<string, string>;

beforeAll(async () => {
  workspace = temporaryWorkspace();
  writeSmallStudy(workspace);
  first = await workspace.nx('pipeline:all');
  files = checksums(join(workspace.root, derivatives));
}, 600_000);
afterAll(() => workspace?.remove());

/** Runs the pipeline (or some targets) on a changed file and puts the file back. */
async function after(path: string, change: (text: string) => string, ...targets: string[]) {
  const text = workspace.read(path);
  workspace.write(path, change(text));
  try {
    expect(workspace.read(path)).not.toBe(text);
    return withRan(await workspace.nx(...(targets.length > 0 ? targets : ['pipeline:all'])));
  } finally {
    workspace.write(path, text);
  }
}

/** That the runs of the study are as the first run left them, and nothing else is among them. */
function expectRecordings(runs = smallRuns) {
  const wanted = Object.entries(files).filter(([path]) => runs.some((run) => path.startsWith(`extract/${run}/`)));
  const found = checksums(join(workspace.root, derivatives, 'extract'));
  expect(found).toEqual(Object.fromEntries(wanted.map(([path, sum]) => [path.slice('extract/'.length), sum])));
}

/** Adds the tasks that were not taken from the cache, but `all`, which does nothing. */
function withRan(run: NxRun): NxRun & { ran: string[] } {
  const ran = Object.keys(run.outcomes).filter((task) => run.outcomes[task] !== 'cached' && task !== 'pipeline:all');
  return { ...run, ran };
}

test('a fresh clone builds what it needs, runs every stage and says where the report is', () => {
  expect(first.output).toContain(`report: ${report}`);
  expect(first.exitCode).toBe(0);
  expect(withRan(first).ran).toEqual(
    expect.arrayContaining([...whole, ...extractions(smallRuns), ...smallRuns.map((run) => `pipeline/${run}:twin`)]),
  );
  expect(files).toHaveProperty('report/index.html');
});

test('default is another name of pipeline: what is in the cache of one is in that of the other', async () => {
  const { exitCode, ran } = withRan(await workspace.nx('default:all'));
  expect(exitCode).toBe(0);
  expect(ran.filter((task) => [...whole, ...extractions(smallRuns)].includes(task))).toEqual([]);
});

test('without the Hub a study whose model is there is left out of all, with a sentence, and fails where it is asked for', async () => {
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  vi.stubEnv('HF_HUB_CACHE', join(workspace.root, 'hub'));
  const text = workspace.read(study).replace(/^model: .*$/m, 'model: { hub: owner/name }');
  workspace.write('pipelines/far/study.yaml', text);
  try {
    const all = await workspace.runMany('all');
    expect(all.output).toMatch(/^galvani: far is left out: its model owner\/name is not on this machine/m);
    expect([all.exitCode, all.outcomes['pipeline:report']]).toEqual([0, 'cached']);
    const named = await workspace.nx('far:design');
    expect(named.output).toMatch(/owner\/name \(revision main\) is not in the cache/);
    expect(named.exitCode).not.toBe(0);
  } finally {
    vi.unstubAllEnvs();
    rmSync(join(workspace.root, 'pipelines/far'), { recursive: true });
  }
});

test('recordings are on disk once: a read-only file with a name in the study and one in the store, and none in Nx’s cache', () => {
  const recorded = Object.keys(files).filter((path) => /^(extract|twin)\/.*\.(arrow|parquet)$/.test(path));
  expect(recorded.length).toBeGreaterThan(2 * smallRuns.length);
  const stored = new Set(
    Object.keys(checksums(join(workspace.root, store))).map((path) => statSync(join(workspace.root, store, path)).ino),
  );
  for (const path of recorded) {
    const { nlink, mode, ino } = statSync(join(workspace.root, derivatives, path));
    expect([nlink, mode & 0o222, stored.has(ino)], path).toEqual([2, 0, true]);
  }
  const recordings = new Set(recorded.map((path) => files[path]));
  const cached = Object.entries(checksums(join(workspace.root, '.nx/workspace-data/cache')));
  expect(cached.filter(([path]) => path.endsWith('manifest.json')).length).toBeGreaterThan(smallRuns.length);
  expect(cached.filter(([, sum]) => recordings.has(sum)).map(([path]) => path)).toEqual([]);
});

test('another contrast fits maps again and extracts nothing', async () => {
  const more = (text: string) =>
    text.replace('glm: {', 'glm: { contrasts: { weather over cooking: weather - cooking },');
  const { ran, exitCode } = await after(study, more, 'pipeline:glm', 'pipeline:decode');
  expect(exitCode).toBe(0);
  expect(ran.sort()).toEqual(['pipeline:decode', 'pipeline:glm', 'pipeline:plan']);
});

test('another session extracts its own runs alone, and what follows is made again', async () => {
  const more = (text: string) => text.replace('sessions: 2', 'sessions: 3');
  const { ran, exitCode } = await after(study, more, 'pipeline:networks', 'pipeline:decode');
  expect(exitCode).toBe(0);
  const own = extractions(['ses-03_task-weather', 'ses-03_task-cooking']);
  const stages = ['plan', 'design', 'glm', 'networks', 'decode'].map((stage) => `pipeline:${stage}`);
  expect(ran.sort()).toEqual([...stages, ...own].sort());
});

// The bytes of the plan are the same, so what other code runs again does not run for the comment.
test('of one session all is done but identification, which says what it takes', async () => {
  const { exitCode, ran } = await after(study, (text) => text.replace('sessions: 2', 'sessions: 1'));
  expect(exitCode).toBe(0);
  expect(ran).toEqual(expect.arrayContaining(['pipeline:decode', 'pipeline:controls', 'pipeline:report']));
  for (const stage of ['decode', 'controls']) {
    const { facts, outputs } = JSON.parse(workspace.read(`${derivatives}/${stage}/manifest.json`));
    expect(facts.absent).toMatch(/^Identification takes 2 sessions or more/);
    expect(outputs).toEqual({});
  }
});

test('a comment plans again, other code in the glm stage fits again, and where bytes are the same nothing follows: all else is restored, recordings from the store', async () => {
  rmSync(join(workspace.root, 'data/derivatives'), { recursive: true });
  const main = 'packages/stages/glm/src/main.ts';
  const text = workspace.read(main);
  workspace.write(main, `${text}\n// a remark\n`);
  const { ran, output, exitCode } = await after(study, (yaml) => `# a remark\n${yaml}`);
  workspace.write(main, text);
  // Its time is another, which is all that is looked at before the compiler is asked.
  expect(withRan(await workspace.nx('galvani-workspace:build')).ran).toEqual(['galvani-workspace:build']);
  expect(ran.sort()).toEqual([
    'galvani-workspace:build',
    'pipeline:extract',
    'pipeline:glm',
    'pipeline:plan',
    'pipeline:twin',
  ]);
  expect(exitCode).toBe(0);
  expect(output).toContain(`report: ${report}`);
  expect(checksums(join(workspace.root, derivatives))).toEqual(files);
});

test('another model is extracted anew; after it, recordings that nobody has any more are made again, every byte', async () => {
  const [other, ...deleted] = smallRuns;
  const [extraction] = extractions(smallRuns);
  const { ran } = await after(config, (text) => text.replace('"gelu"', '"relu"'), extraction);
  expect(ran).toEqual(['pipeline:plan', 'pipeline:design', extraction]);
  const recorded = checksums(join(workspace.root, derivatives, 'extract', other));
  expect(recorded['tokens.parquet']).not.toBe(files[`extract/${other}/tokens.parquet`]);

  // Nx puts the first model's manifests beside the other's recordings, or beside none.
  for (const run of deleted) rmSync(join(workspace.root, derivatives, 'extract', run), { recursive: true });
  rmSync(join(workspace.root, store), { recursive: true });
  const again = withRan(await workspace.nx('pipeline:extract'));
  expect(again.ran).toEqual(['pipeline:extract']);
  for (const run of smallRuns) expect(again.output).toContain(`${run}: 6 prompts`);
  expectRecordings();
});

test('a machine that has the store but none of Nx’s cache records nothing', async () => {
  for (const folder of ['.nx', 'data/derivatives']) rmSync(join(workspace.root, folder), { recursive: true });
  const [run] = smallRuns;
  const { output, outcomes } = await workspace.nx(`pipeline/${run}:extract`);
  expect(outcomes[`pipeline/${run}:extract`]).toBe('ran');
  expect(output).toContain(`${run}: taken from the store`);
  expectRecordings([run]);
});

test('a mistake in study.yaml is said with its line, and the graph of the workspace stays whole', async () => {
  const { output, outcomes, exitCode } = await after(study, (text) => text.replace('sessions: 2', 'sessions: two'));
  expect(outcomes['pipeline:plan']).toBe('failed');
  expect(exitCode).toBe(2);
  expect(output).toMatch(/study\.yaml:4: design\.sessions is "two"/);
});

// Last, since it leaves nothing of what is built. Nx has written the bytes that it is held against.
test('a command that has begun needs none of its own files any more, whatever a build does to them', async () => {
  const built = builtFiles();
  expect(built.length).toBeGreaterThan(100);
  const moments = [
    {
      said: /^design: /m,
      disturb: (path: string) => writeFileSync(path, `throw new Error('${path} is of another build')`),
    },
    { said: /^ses-01_task-weather: /m, disturb: (path: string) => rmSync(path) },
  ];
  const { exitCode, output } = await galvaniRun('disturbed', (text) => {
    while (moments[0]?.said.test(text)) built.forEach(moments.shift()!.disturb);
  });
  expect(exitCode, output).toBe(0);
  expect(moments).toEqual([]);
  expect(output).toContain('report: disturbed/report/index.html');
  expect(checksums(join(workspace.root, 'disturbed'))).toEqual(files);
});

/** `galvani run` on the small study, into a folder and a store of its own. `onText` is given all that was printed so far. */
async function galvaniRun(name: string, onText: (text: string) => void) {
  const command = [join(workspace.root, 'apps/cli/bin/galvani.mjs'), 'run', 'pipelines/default', '--out', name];
  const child = spawn(process.execPath, command, {
    cwd: workspace.root,
    env: { ...process.env, GALVANI_STORE: join(workspace.root, `${name}-store`) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += text;
      onText(output);
    });
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, output };
}

/** Every built file of the workspace. Its node_modules are links to the real ones, which nothing here may touch. */
function builtFiles(): string[] {
  return readPackages()
    .flatMap(({ folder }) => ['dist', 'bundle'].map((part) => join(workspace.root, folder, part)))
    .filter(existsSync)
    .flatMap((part) =>
      readdirSync(part, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.js'))
        .map((path) => join(part, path)),
    );
}
