/**
 * What is done again and what is not, with the real stages under the real Nx. The study of each test is the small one with
 * one thing changed, and the small one is in the cache from the start.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { smallRuns, writeSmallStudy } from './small-study.js';
import { type NxRun, type TemporaryWorkspace, temporaryWorkspace } from './temporary-workspace.js';

const study = 'pipelines/default/study.yaml';
const derivatives = 'data/derivatives/default';
const report = `${derivatives}/report/index.html`;
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
}, 180_000);
afterAll(() => workspace?.remove());

function checksums(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    paths
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => [
        path,
        createHash('sha256')
          .update(readFileSync(join(folder, path)))
          .digest('hex'),
      ]),
  );
}

/** Runs the pipeline (or one target) on a changed file and puts the file back. */
async function after(path: string, change: (text: string) => string, target = 'pipeline:all') {
  const text = workspace.read(path);
  workspace.write(path, change(text));
  try {
    expect(workspace.read(path)).not.toBe(text);
    return withRan(await workspace.nx(target));
  } finally {
    workspace.write(path, text);
  }
}

/** Adds the tasks that were not taken from the cache, but `all`, which does nothing, and `extract`, which is never cached. */
function withRan(run: NxRun): NxRun & { ran: string[] } {
  const ran = Object.keys(run.outcomes).filter((task) => run.outcomes[task] !== 'cached' && !isUncached(task));
  return { ...run, ran };
}

const isUncached = (task: string) => /^pipeline:(extract|all)$/.test(task);

test('a fresh clone builds what it needs, runs every stage and says where the report is', () => {
  expect(first.output).toContain(`report: ${report}`);
  expect(first.exitCode).toBe(0);
  const stages = ['plan', 'design', 'glm', 'networks', 'decode', 'report'].map((stage) => `pipeline:${stage}`);
  expect(withRan(first).ran).toEqual(expect.arrayContaining([...stages, ...extractions(smallRuns)]));
  expect(files).toHaveProperty('report/index.html');
});

test('once more, everything comes from the cache, and where the report is is said again', async () => {
  const again = withRan(await workspace.nx('pipeline:all'));
  expect(again.ran).toEqual([]);
  expect(again.exitCode).toBe(0);
  expect(again.output).toContain(`report: ${report}`);
});

test('a comment in study.yaml plans again and does nothing else', async () => {
  const { ran } = await after(study, (text) => `# a remark\n${text}`);
  expect(ran).toEqual(['pipeline:plan']);
});

test('another contrast fits maps again and extracts nothing', async () => {
  const { ran, exitCode } = await after(study, (text) =>
    text.replace('glm: {', 'glm: { contrasts: { weather over cooking: weather - cooking },'),
  );
  expect(exitCode).toBe(0);
  expect(ran).toEqual(expect.arrayContaining(['pipeline:plan', 'pipeline:glm', 'pipeline:report']));
  expect(ran.filter((task) => /:(design|extract)$/.test(task))).toEqual([]);
});

test('another session extracts its own runs alone', async () => {
  const { ran, exitCode } = await after(study, (text) => text.replace('sessions: 2', 'sessions: 3'));
  expect(exitCode).toBe(0);
  expect(ran.filter((task) => task.endsWith(':extract'))).toEqual(
    extractions(['ses-03_task-weather', 'ses-03_task-cooking']),
  );
  expect(ran).toEqual(expect.arrayContaining(['pipeline:design', 'pipeline:glm', 'pipeline:decode']));
});

test('deleted derivatives are restored, every byte', async () => {
  rmSync(join(workspace.root, 'data/derivatives'), { recursive: true });
  const { ran } = withRan(await workspace.nx('pipeline:all'));
  expect(ran).toEqual([]);
  expect(checksums(join(workspace.root, derivatives))).toEqual(files);
});

test('other code in the glm stage extracts nothing, and where its maps are the same, nothing follows', async () => {
  const { ran } = await after('packages/stages/glm/src/main.ts', (text) => `${text}\n// a remark\n`);
  expect(ran).toEqual(['@galvani/glm:build', 'pipeline:glm']);
});

test('another model is extracted anew, with the same events', async () => {
  const [extraction] = extractions(smallRuns);
  const { ran } = await after('data/models/small/config.json', (text) => `${text}\n`, extraction);
  expect(ran).toEqual(['pipeline:plan', extraction]);
});

test('a machine that has the store but none of Nx’s cache records nothing', async () => {
  for (const folder of ['.nx', 'data/derivatives']) rmSync(join(workspace.root, folder), { recursive: true });
  const [run] = smallRuns;
  const { output, outcomes } = await workspace.nx(`pipeline/${run}:extract`);
  expect(outcomes[`pipeline/${run}:extract`]).toBe('ran');
  expect(output).toContain(`${run}: taken from the store`);
  for (const [path, sum] of Object.entries(checksums(join(workspace.root, derivatives, 'extract'))))
    expect(sum, path).toBe(files[`extract/${path}`]);
});

test('a mistake in study.yaml is said with its line, and the graph of the workspace stays whole', async () => {
  const { output, outcomes, exitCode } = await after(study, (text) => text.replace('sessions: 2', 'sessions: two'));
  expect(outcomes['pipeline:plan']).toBe('failed');
  expect(exitCode).toBe(2);
  expect(output).toMatch(/study\.yaml:4: design\.sessions is "two"/);
});
