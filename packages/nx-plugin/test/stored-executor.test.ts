import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeOutput, rememberOutputs, writeManifest } from '@galvani/artifact';
import { studyFolder } from '@galvani/study';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { areThere } from '../stored-executor.mjs';

const runs = ['ses-01_task-a', 'ses-01_task-b'];
const options = { process: '', study: 'data/derivatives/default', stage: 'extract', runs };
const recorded = (run: string) => join(root, options.study, 'extract', run);

let root: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'galvani-stored-'));
  writeFileSync(join(root, 'nx.json'), '{}');
  vi.stubEnv('GALVANI_STORE', '');
  for (const run of runs) await write(run, `tokens of ${run}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

/** A run as the extract stage leaves it: its file, its manifest, what is remembered of them, and an entry of the store. */
async function write(run: string, tokens: string): Promise<void> {
  mkdirSync(recorded(run), { recursive: true });
  writeFileSync(join(recorded(run), 'tokens.parquet'), tokens);
  const outputs = { 'tokens.parquet': await describeOutput(join(recorded(run), 'tokens.parquet')) };
  mkdirSync(join(root, 'data/cache/extract', `key of ${run}`), { recursive: true });
  const parameters = { key: `key of ${run}` };
  await writeManifest(recorded(run), { stage: 'extract', parameters, inputs: {}, outputs, facts: {} });
  await rememberOutputs(recorded(run), outputs, studyFolder('', root).verified);
}

test('runs whose files are as they were written are there', () => {
  expect(areThere(options, root)).toBe(true);
});

test('files of activations, which are told by another hash, count as well', async () => {
  const outputs = { 'tokens.parquet': { xxh3: '0'.repeat(16), bytes: 23 } };
  const parameters = { key: `key of ${runs[0]}` };
  await writeManifest(recorded(runs[0]), { stage: 'extract', parameters, inputs: {}, outputs, facts: {} });
  expect(areThere(options, root)).toBe(false);
  await rememberOutputs(recorded(runs[0]), outputs, studyFolder('', root).verified);
  expect(areThere(options, root)).toBe(true);
});

test.each([
  ['a file is gone', () => unlinkSync(join(recorded(runs[1]), 'tokens.parquet'))],
  [
    'a file was written since',
    () => writeFileSync(join(recorded(runs[1]), 'tokens.parquet'), 'tokens of ses-01_task-B'),
  ],
  ['a manifest is gone', () => unlinkSync(join(recorded(runs[0]), 'manifest.json'))],
  ['a manifest is damaged', () => writeFileSync(join(recorded(runs[0]), 'manifest.json'), '{')],
  ['the store is gone', () => rmSync(join(root, 'data/cache/extract'), { recursive: true })],
  ['nothing is remembered', () => rmSync(join(root, 'data/cache/verified'), { recursive: true })],
  ['a run was never recorded', () => rmSync(recorded(runs[1]), { recursive: true })],
])('where %s the stage has to look', (_, disturb) => {
  disturb();
  expect(areThere(options, root)).toBe(false);
});

test('a manifest of another recording, which Nx took from its cache, is not taken for that of the files', async () => {
  const outputs = { 'tokens.parquet': { sha256: '0'.repeat(64), bytes: 23 } };
  const parameters = { key: `key of ${runs[0]}` };
  await writeManifest(recorded(runs[0]), { stage: 'extract', parameters, inputs: {}, outputs, facts: {} });
  expect(areThere(options, root)).toBe(false);
});

test('a run without recordings is its manifest', async () => {
  await writeManifest(recorded(runs[0]), {
    stage: 'twin',
    parameters: {},
    inputs: {},
    outputs: {},
    facts: { absent: 'no twin' },
  });
  expect(areThere(options, root)).toBe(true);
});

test('the store may be elsewhere', () => {
  vi.stubEnv('GALVANI_STORE', join(root, 'elsewhere'));
  expect(areThere(options, root)).toBe(false);
});
