import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest, sha256OfFile } from '@galvani/artifact';
import { openRecordedRuns, type StudyFolder, tokensPath } from '@galvani/study';
import { Failure } from '@galvani/terminal';
import { beforeEach, expect, test } from 'vitest';
import { first, recordedStudies, second } from './recorded-study.js';

const copyStudy = recordedStudies();
let folder: StudyFolder;
beforeEach(async () => {
  folder = await copyStudy();
});

const refused = async (...runs: string[]) => {
  const error = await openRecordedRuns(folder, runs).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(Failure);
  return error.message;
};

test('runs are opened by their events and tokens, each alone', async () => {
  await rm(join(folder.extract, second), { recursive: true });
  // Activations are not looked at.
  await rm(join(folder.extract, first, 'activations.arrow'));
  const [run, ...more] = await openRecordedRuns(folder, [first]);
  expect(more).toEqual([]);
  expect(run.manifest).toEqual(await readManifest(join(folder.extract, first)));
  const paths = [`design/${first}.parquet`, `extract/${first}/tokens.parquet`];
  const digests = paths.map(async (path) => [path, await sha256OfFile(join(folder.root, path))]);
  expect(run.inputs).toEqual(Object.fromEntries(await Promise.all(digests)));
  expect(await refused(first, second)).toMatch(
    /extract\/ses-02_task-fossils\/manifest\.json is missing: run galvani extract first/,
  );
});

test('what is damaged, or not there, is named', async () => {
  const path = tokensPath(folder, first);
  const bytes = await readFile(path);
  bytes[bytes.length >> 1] ^= 1;
  await rm(path);
  await writeFile(path, bytes);
  expect(await refused(first)).toMatch(/extract\/ses-01_task-fossils\/tokens\.parquet differs from its checksum/);
  expect((await openRecordedRuns(folder, [second])).map(({ run }) => run)).toEqual([second]);
  await rm(join(folder.design, `${second}.parquet`));
  expect(await refused(second)).toMatch(/design\/ses-02_task-fossils\.parquet is missing/);
  await rm(folder.design, { recursive: true });
  expect(await refused(second)).toMatch(/design\/manifest\.json is missing: run galvani design first/);
  await rm(folder.extract, { recursive: true });
  expect(await refused(first, second)).toMatch(
    /design\/manifest\.json is missing, and so is what extract writes: galvani run makes all that is missing\.$/,
  );
});
