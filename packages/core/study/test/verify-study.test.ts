import { cp, mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest, sha256OfFile, writeManifest } from '@galvani/artifact';
import {
  commitStage,
  openUpstream,
  type PlannedParameters,
  planOf,
  readableStudy,
  readPlan,
  type StudyFolder,
  verifyStudy,
  writeParameters,
} from '@galvani/study';
import { beforeEach, expect, test } from 'vitest';
import { first, recordedStudies, second } from './recorded-study.js';

const copyStudy = recordedStudies();
let folder: StudyFolder;
beforeEach(async () => {
  folder = await copyStudy();
});

/** Problems by stage, of those that have any. */
async function problems(asked?: PlannedParameters): Promise<Record<string, string[]>> {
  const verdicts = await verifyStudy(folder, { asked });
  return Object.fromEntries(verdicts.filter((own) => own.problems.length > 0).map((own) => [own.stage, own.problems]));
}

test('a whole study is whole, with its files and bytes counted; stages that never ran are no problem', async () => {
  const verdicts = await verifyStudy(folder);
  expect(verdicts.flatMap((own) => own.problems)).toEqual([]);
  const extract = verdicts.find((own) => own.stage === 'extract')!;
  const outputs = [first, second].map(async (run) => (await readManifest(join(folder.extract, run)))!.outputs);
  const listed = (await Promise.all(outputs)).flatMap((own) => Object.values(own));
  expect(extract).toMatchObject({
    folders: 2,
    files: listed.length,
    bytes: listed.reduce((sum, { bytes }) => sum + bytes, 0),
  });
  expect(verdicts.find((own) => own.stage === 'glm')).toMatchObject({ folders: 0, files: 0, bytes: 0 });
});

test('a flipped bit is found even where the file was verified before, and all damage is listed', async () => {
  await openUpstream(folder, 'glm');
  const recording = join(folder.extract, first, 'activations.arrow');
  const { atime, mtime } = await stat(recording);
  const bytes = await readFile(recording);
  bytes[bytes.length >> 1] ^= 1;
  await writeFile(recording, bytes);
  await utimes(recording, atime, mtime);
  await rm(join(folder.extract, second, 'tokens.parquet'));
  await writeFile(join(folder.design, 'notes.txt'), 'mine');
  expect(await problems()).toEqual({
    design: ['design/notes.txt is not listed in design/manifest.json'],
    extract: [
      `extract/${first}/activations.arrow differs from its checksum`,
      `extract/${second}/tokens.parquet is missing`,
    ],
  });
});

test('a damaged manifest hides no other damage', async () => {
  const path = join(folder.extract, first, 'manifest.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('"units": 80', '"units": 81'));
  await rm(join(folder.extract, second, 'tokens.parquet'));
  const { extract, ...others } = await problems();
  expect(others).toEqual({});
  expect(extract).toEqual([
    `extract/${second}/tokens.parquet is missing`,
    expect.stringMatching(/manifest\.json differs from its own checksum/),
  ]);
});

test.each([
  [
    'cut short',
    async (path: string) => writeFile(path, (await readFile(path, 'utf8')).slice(0, 300)),
    'is not a galvani',
  ],
  ['of other types', (path: string) => writeFile(path, '{"galvani":1,"outputs":[]}'), 'is not a galvani manifest: run'],
  ['empty', (path: string) => writeFile(path, ''), 'is not a galvani manifest: run the stage that wrote it, or'],
  ['a folder', (path: string) => rm(path).then(() => mkdir(path)), 'is a folder, not a file: run the stage that'],
  ['not UTF-8', (path: string) => writeFile(path, Buffer.of(0xc3, 0x28)), 'is not UTF-8'],
])('a manifest that is %s is a problem of its stage, or of the plan, beside others', async (_, damage, sentence) => {
  await rm(join(folder.extract, second, 'tokens.parquet'));
  const asked = await readPlan(folder);
  await damage(join(folder.plan, 'manifest.json'));
  await damage(join(folder.extract, first, 'manifest.json'));
  const { folder: readable, damage: ofPlan } = await readableStudy(folder, asked);
  expect(ofPlan).toContain(sentence);
  const told = (await verifyStudy(readable, { asked })).filter((own) => own.problems.length > 0);
  expect(told).toMatchObject([
    { stage: 'plan', folders: 0, problems: [ofPlan] },
    { stage: 'extract', problems: [`extract/${second}/tokens.parquet is missing`, expect.stringContaining(sentence)] },
  ]);
  // Who runs the study makes the plan again.
  await writeParameters(folder, { parameters: asked });
  expect(await readPlan(folder)).toEqual(asked);
});

test('what stages are told may be damaged, or a folder, and hides nothing', async () => {
  const asked = await readPlan(folder);
  await rm(join(folder.plan, 'glm.json'));
  await mkdir(join(folder.plan, 'glm.json'));
  await rm(join(folder.extract, second, 'tokens.parquet'));
  const { folder: readable } = await readableStudy(folder, asked);
  const told = (await verifyStudy(readable, { asked })).filter((own) => own.problems.length > 0);
  expect(told.map(({ problems }) => problems)).toEqual([
    ['plan/glm.json is not a file'],
    [`extract/${second}/tokens.parquet is missing`],
  ]);
  await writeParameters(folder, { parameters: asked });
  expect(await readPlan(folder)).toEqual(asked);
});

test('a page of earlier results than those that lie there is told', async () => {
  const manifests = ['design', `extract/${first}`, `extract/${second}`].map((name) => `${name}/manifest.json`);
  const inputs = Object.fromEntries(
    await Promise.all(manifests.map(async (name) => [name, await sha256OfFile(join(folder.root, name))])),
  );
  const plan = await planOf(folder, 'report');
  await commitStage(folder, 'report', folder.report, { plan, parameters: {}, inputs, outputs: {}, facts: {} });
  expect(await problems()).toEqual({});
  const manifest = (await readManifest(join(folder.extract, second)))!;
  await writeManifest(join(folder.extract, second), { ...manifest, facts: { ...manifest.facts, rows: 1 } });
  expect(await problems()).toEqual({
    report: [`report was made from another extract/${second}/manifest.json than there is now`],
  });
});

test('runs that changed places, and a run that was stopped, are told', async () => {
  const [a, b] = [first, second].map((run) => join(folder.extract, run));
  await cp(a, join(folder.workspace!, 'kept'), { recursive: true });
  await rm(a, { recursive: true });
  await cp(b, a, { recursive: true });
  await rm(join(b, 'manifest.json'));
  expect(await problems()).toEqual({
    extract: [
      `extract/${first} was made from another design/${first}.parquet than there is now`,
      `extract/${second} has files but no manifest.json: its stage was stopped before its end, or the manifest is lost`,
    ],
  });
});

test('a run that is missing beside others is told, and a folder that a later stage was made from', async () => {
  await rm(join(folder.extract, first), { recursive: true });
  expect(await problems()).toEqual({ extract: [`extract/${first} is missing: 1 of 2 runs are there`] });
  await rm(folder.design, { recursive: true });
  expect(await problems()).toMatchObject({ design: ['design is missing, and extract was made from it'] });
  // Where nothing of a stage and nothing after it is there, it has not run yet.
  await rm(join(folder.extract, second), { recursive: true });
  expect(await problems()).toEqual({});
});

test('a study.yaml that asks for something else than was planned is told, and another plan than was followed', async () => {
  const parameters = await readPlan(folder);
  expect(await problems(parameters)).toEqual({});
  const asked = { ...parameters, extract: { ...parameters.extract, newTokens: 99 } };
  expect(await problems(asked)).toEqual({
    plan: [`plan is not of study.yaml as it is now (newTokens: was ${parameters.extract.newTokens}, is 99)`],
  });
  const manifest = (await readManifest(folder.design))!;
  await writeManifest(folder.design, {
    ...manifest,
    plan: { ...manifest.plan, design: { ...parameters.design, seed: 12 } },
  });
  expect(await problems()).toEqual({
    design: [`design was made for another plan (seed: was 12, is ${parameters.design.seed})`],
  });
});
