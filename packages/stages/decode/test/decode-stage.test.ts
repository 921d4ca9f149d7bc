import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { accuracyTable, confusionTable, predictionTable, scoreTable } from '@galvani/artifact';
import {
  stage as decodeStage,
  type Fold,
  matchNetwork,
  networkTemplate,
  prepareFold,
  readRunActivity,
} from '@galvani/decode';
import { openResults } from '@galvani/results';
import { runFolder, studySchema } from '@galvani/study';
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

async function fold(study: SyntheticStudy, held: number): Promise<Fold> {
  const { runs, recording } = await openResults(study.folder, 'decode');
  const activity = await Promise.all(runs.map(async (run) => readRunActivity(await recording(run))));
  const sessions = [1, 2, 3].map((s) => activity.filter(({ run }) => run.session === s));
  const networks = studySchema.parse({ tasks }).networks;
  return prepareFold(sessions, held, { networks, relabellings: 200, seed: 1 });
}

test('planted tasks are identified, and the tables agree', async () => {
  const study = await make();
  await decodeStage({ study: study.folder.root, signal });
  const path = (name: string) => join(study.folder.decode, name);
  const accuracy = await accuracyTable.read(path('accuracy.parquet'));
  const [run, prompt] = accuracy;
  expect(run).toMatchObject({ level: 'run', correct: 9, total: 9, accuracy: 1, chance: 1 / 3, permutations: 100 });
  expect(prompt.accuracy).toBeGreaterThan(0.8);
  expect(run.p).toBeLessThan(0.05);
  const predictions = await predictionTable.read(path('predictions.parquet'));
  const confusion = await confusionTable.read(path('confusion.parquet'));
  const diagonal = confusion.filter((row) => row.task === row.identified).reduce((sum, { count }) => sum + count, 0);
  expect(diagonal).toBe(predictions.filter(({ correct }) => correct).length);
  expect(await scoreTable.read(path('scores.parquet'))).toHaveLength(3 * predictions.length);
});

test('without effects nothing is identified and p is not small', async () => {
  const study = await make({ effect: 0 });
  await decodeStage({ study: study.folder.root, signal });
  for (const { p } of await accuracyTable.read(join(study.folder.decode, 'accuracy.parquet')))
    expect(p).toBeGreaterThan(0.05);
});

test('held-out activity changes no threshold and no network', async () => {
  const plain = await fold(await make(), 2);
  const changed = await fold(await make({ change: (s, value, u) => (s === 3 ? -7 * value + u : value) }), 2);
  expect(changed.thresholds).toEqual(plain.thresholds);
  // The same training networks are compared with other activity: only the scores of held-out patterns move.
  expect(changed.scores([0, 0], plain.thresholds[0])).not.toEqual(plain.scores([0, 0], plain.thresholds[0]));
  const other = await fold(await make({ change: (s, value) => (s === 1 ? value * 1.5 + Math.sin(value) : value) }), 2);
  expect(other.thresholds).not.toEqual(plain.thresholds);
});

test('a match is a cosine: -1 to 1, blind to scale, and an empty network matches nothing', () => {
  const template = { units: Uint32Array.of(0, 2), weights: Float64Array.of(1, -2) };
  expect(matchNetwork(template, Float64Array.of(1, 9, -2))).toBeCloseTo(1, 12);
  expect(matchNetwork(template, Float64Array.of(-3, 9, 6))).toBeCloseTo(-1, 12);
  expect(matchNetwork(template, Float64Array.of(0, 9, 0))).toBe(0);
  expect(matchNetwork({ units: new Uint32Array(0), weights: new Float64Array(0) }, Float64Array.of(1))).toBe(-Infinity);
});

test('a template holds the units beyond the threshold, with their d', () => {
  const effect = { on: 6, off: 12, effect: Float64Array.of(2, -2, 0.1), within: Float64Array.of(16, 16, 16) };
  const rule = { minimumEffect: 0.5, sign: 'both' } as const;
  expect(networkTemplate([effect], 3, rule)).toEqual({ units: Uint32Array.of(0, 1), weights: Float64Array.of(2, -2) });
  expect([...networkTemplate([effect], 3, { ...rule, sign: 'positive' }).units]).toEqual([0]);
  expect([...networkTemplate([effect], 3, { ...rule, minimumEffect: 3 }).units]).toEqual([]);
});

test('one session is too few, and a run that was not extracted is named', async () => {
  const single = await make({ sessions: 1 });
  await expect(decodeStage({ study: single.folder.root, signal })).rejects.toThrow(
    'design.sessions must be at least 2',
  );
  const study = await make();
  await rm(join(runFolder(study.folder, 'ses-02_task-cells'), 'manifest.json'));
  await expect(decodeStage({ study: study.folder.root, signal })).rejects.toThrow(
    /ses-02_task-cells.*run the extract stage first/,
  );
});
