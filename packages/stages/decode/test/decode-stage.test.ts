import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { accuracyTable, confusionTable, decodeNetworkTable, predictionTable, scoreTable } from '@galvani/artifact';
import { stage as decodeStage } from '@galvani/decode';
import { runFolder } from '@galvani/study';
import { afterAll, expect, test } from 'vitest';
import { type SyntheticStudy, syntheticStudy } from '../../../../test/synthetic-study.js';

const signal = new AbortController().signal;
const tasks = ['fossils', 'cells', 'bread'];
const made: SyntheticStudy[] = [];
async function make(options: Partial<Parameters<typeof syntheticStudy>[0]> = {}): Promise<SyntheticStudy> {
  const input = { glm: { relabellings: 200 }, decode: { permutations: 100 }, ...options.input };
  const study = await syntheticStudy({ tasks, ...options, input });
  made.push(study);
  return study;
}
afterAll(() => Promise.all(made.map(({ folder }) => rm(folder.root, { recursive: true, force: true }))));

test('planted tasks are identified, and the tables agree', async () => {
  const study = await make();
  await decodeStage({ study: study.folder.root, signal });
  const path = (name: string) => join(study.folder.decode, name);
  const accuracy = await accuracyTable.read(path('accuracy.parquet'));
  const [run, prompt] = accuracy;
  expect(run).toMatchObject({ level: 'run', correct: 9, total: 9, accuracy: 1, permutations: 100 });
  // Of three tasks a permutation identifies one in three, or none where networks are empty.
  expect(Math.abs(run.chance - 1 / 3)).toBeLessThan(0.1);
  expect(run.lower).toBeLessThan(0.7);
  expect(prompt.accuracy).toBeGreaterThan(0.8);
  expect(run.p).toBeLessThan(0.05);
  const predictions = await predictionTable.read(path('predictions.parquet'));
  const confusion = await confusionTable.read(path('confusion.parquet'));
  const diagonal = confusion.filter((row) => row.task === row.identified).reduce((sum, { count }) => sum + count, 0);
  expect(diagonal).toBe(predictions.filter(({ correct }) => correct).length);
  expect(await scoreTable.read(path('scores.parquet'))).toHaveLength(3 * predictions.length);
});

test('one session is too few, and a run that was not extracted is named', async () => {
  const single = await make({ sessions: 1 });
  await expect(decodeStage({ study: single.folder.root, signal })).rejects.toThrow(
    /the study has no decode\. Identification takes 2 sessions or more to hold one out; the study has 1 session/,
  );
  const study = await make();
  await rm(join(runFolder(study.folder, 'ses-02_task-cells'), 'manifest.json'));
  await expect(decodeStage({ study: study.folder.root, signal })).rejects.toThrow(
    /ses-02_task-cells.*run galvani extract first/,
  );
});

test('with the strongest share of units every network of every fold has as many members', async () => {
  const study = await make({ input: { networks: { top: '5%' }, decode: { permutations: 100 } } });
  await decodeStage({ study: study.folder.root, signal });
  const networks = await decodeNetworkTable.read(join(study.folder.decode, 'networks.parquet'));
  expect(networks.map(({ members, statistic }) => [members, statistic])).toEqual(Array(9).fill([4, 't']));
  const [run] = await accuracyTable.read(join(study.folder.decode, 'accuracy.parquet'));
  expect(run.correct).toBe(9);
});
