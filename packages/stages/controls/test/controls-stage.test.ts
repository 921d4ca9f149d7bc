import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  controlAnswerTable,
  controlCalibrationTable,
  controlHubTable,
  controlTable,
  controlWindowTable,
  createActivationFile,
  predictionTable,
  type WordingToken,
  wordingTokenTable,
} from '@galvani/artifact';
import { contentWords, stage as controlsStage } from '@galvani/controls';
import { stage as decodeStage } from '@galvani/decode';
import { openResults } from '@galvani/results';
import { planOf, replaceStage, type StudyFolder } from '@galvani/study';
import { afterAll, expect, test } from 'vitest';
import { type SyntheticStudy, syntheticStudy } from '../../../../test/synthetic-study.js';
import { formFolds, sessionFolds, wordFolds } from '../src/harder-folds.js';
import type { PresentedPrompts } from '../src/presented-prompts.js';

const signal = new AbortController().signal;
let study: SyntheticStudy | undefined;
afterAll(() => study && rm(study.folder.root, { recursive: true, force: true }));

test('planted tasks are identified from activity and not from the twin or from wording that says nothing', async () => {
  study = await syntheticStudy({
    tasks: ['fossils', 'cells', 'bread'],
    twin: 'recorded',
    input: { glm: { relabellings: 200 }, decode: { permutations: 100 } },
  });
  const { folder } = study;
  await writeWording(folder);
  await decodeStage({ study: folder.root, signal });
  await controlsStage({ study: folder.root, signal });
  const path = (name: string) => join(folder.controls, `${name}.parquet`);
  const rows = await controlTable.read(path('identification'));
  const row = (folds: string, features: string, decoder: string) =>
    rows.find((own) => own.folds === folds && own.features === features && own.decoder === decoder)!;
  const own = row('sessions', 'units', 'networks');
  expect(own.accuracy).toBeGreaterThan(0.8);
  expect(own).toMatchObject({ difference: 0, total: 54 });
  expect(row('sessions', 'units', 'nearest centroid').accuracy).toBeGreaterThan(0.8);
  for (const [features, decoder] of [
    ['twin', 'nearest centroid'],
    ['twin', 'networks'],
    ['input embedding', 'ridge'],
    ['length and position', 'ridge'],
  ]) {
    const control = row('sessions', features, decoder);
    expect(control.lower, `${decoder} on ${features}`).toBeLessThan(0.55);
    expect(control.p).toBeLessThan(0.1);
    expect(control.difference_lower).toBeGreaterThan(0);
    expect(control.difference).toBeCloseTo(own.accuracy - control.accuracy, 12);
  }
  // The stage forms decode's own networks anew.
  const answers = await controlAnswerTable.read(path('answers'));
  const said = answers.filter(
    (each) => each.folds === 'sessions' && each.features === 'units' && each.decoder === 'networks',
  );
  const predictions = await predictionTable.read(join(folder.decode, 'predictions.parquet'));
  const identified = (each: { run: string; prompt_id: string; identified: string }) =>
    `${each.run} ${each.prompt_id} ${each.identified}`;
  expect(said.map(identified).sort()).toEqual(
    predictions
      .filter(({ level }) => level === 'prompt')
      .map(identified)
      .sort(),
  );
  const calibration = await controlCalibrationTable.read(path('calibration'));
  const whole = calibration.pop()!;
  expect(whole).toMatchObject({ from: 0, to: 1, prompts: 54, right: own.accuracy });
  // Bins are a partition, and the error of all is the mean over prompts of their bins' errors.
  const total = (of: (row: (typeof calibration)[0]) => number) =>
    calibration.reduce((sum, each) => sum + each.prompts * of(each), 0) / 54;
  expect(total(() => 1)).toBe(1);
  for (const name of ['predicted', 'right', 'error'] as const)
    expect(total((each) => each[name])).toBeCloseTo(whole[name], 12);
  const windows = await controlWindowTable.read(path('windows'));
  expect(windows.find(({ from, to }) => from === 0 && to === 4)?.correct).toBe(own.correct);
  expect(windows.map(({ kind }) => kind)).toEqual([
    ...Array(3).fill('first'),
    ...Array(4).fill('sliding'),
    'generated',
  ]);
  const hubs = await controlHubTable.read(path('hubs'));
  expect(hubs.reduce((sum, { correct }) => sum + correct, 0)).toBe(own.correct);
});

test('where networks are the strongest units, controls form decode’s own anew too', async () => {
  const { folder } = await syntheticStudy({
    tasks: ['fossils', 'cells'],
    effect: 0.8,
    twin: 'absent',
    input: { networks: { top: '8%', sign: 'positive' }, decode: { permutations: 100 } },
  });
  await writeWording(folder);
  await decodeStage({ study: folder.root, signal });
  await controlsStage({ study: folder.root, signal });
  const identified = (each: { run: string; prompt_id: string; identified: string }) =>
    `${each.run} ${each.prompt_id} ${each.identified}`;
  const answers = await controlAnswerTable.read(join(folder.controls, 'answers.parquet'));
  const own = answers.filter((each) => [each.folds, each.features, each.decoder].join() === 'sessions,units,networks');
  const predictions = (await predictionTable.read(join(folder.decode, 'predictions.parquet'))).filter(
    ({ level }) => level === 'prompt',
  );
  expect(predictions.some(({ correct }) => !correct)).toBe(true);
  expect(own.map(identified).sort()).toEqual(predictions.map(identified).sort());
  await rm(folder.root, { recursive: true, force: true });
});

/** Tokens and embeddings that have nothing to do with tasks. */
async function writeWording(folder: StudyFolder) {
  const tokens: WordingToken[] = [];
  const results = await openResults(folder, 'decode', signal);
  for (const run of results.runs)
    for (const [prompt] of (await results.events(run))!.entries())
      for (const position of [0, 1])
        tokens.push({ run: run.name, prompt, position, token_id: (7 * prompt + position) % 5, of_template: false });
  await replaceStage(folder, 'wording', async (place) => {
    await wordingTokenTable.write(place('tokens.parquet'), tokens);
    const columns = [{ site: 'input_embedding', kind: 'embedding', width: 2 }];
    const writer = await createActivationFile(place('embeddings.arrow'), columns, 'float32');
    const prompts = tokens.length / 2;
    await writer.append(prompts, [Float32Array.from({ length: 2 * prompts }, (_, i) => Math.sin(i * i))]);
    await writer.finish();
    const inputs = Object.fromEntries(Object.entries(results.inputs).filter(([path]) => /^design/.test(path)));
    return { plan: await planOf(folder, 'wording'), parameters: {}, inputs, facts: {} };
  });
}

test('content words are told apart by their first letters, in any language', () => {
  expect([...contentWords('The FOSSILS of a fossil; Größe und Übung')]).toEqual(['fossi', 'größe', 'und', 'übung']);
});

test('what is held out shares neither session nor form nor content word with what is learnt from', () => {
  const texts = ['old bones', 'young bones', 'red tea', 'green tea', 'loud music', 'music halls'];
  const events = [0, 1].flatMap((session) =>
    texts.map((text, i) => ({ text, form: i % 2 ? 'list' : 'question', session }) as never),
  );
  const column = (of: (i: number) => number) => Int32Array.from({ length: 12 }, (_, i) => of(i));
  const prompts: PresentedPrompts = {
    tasks: ['a'],
    run: column((i) => Math.floor(i / 6)),
    session: column((i) => Math.floor(i / 6)),
    task: column(() => 0),
    isTask: Uint8Array.from({ length: 12 }, (_, i) => (i % 6 < 4 ? 1 : 0)),
    events,
  };
  expect(sessionFolds(prompts).map(({ heldOut, training }) => [[...heldOut], [...training]])).toEqual([
    [
      [0, 1, 2, 3],
      [6, 7, 8, 9, 10, 11],
    ],
    [
      [6, 7, 8, 9],
      [0, 1, 2, 3, 4, 5],
    ],
  ]);
  const list = formFolds(prompts).find(({ session, heldOut }) => session === 0 && heldOut.includes(1))!;
  expect([[...list.heldOut], [...list.training]]).toEqual([
    [1, 3],
    [6, 8, 10],
  ]);
  expect(wordFolds(prompts).find(({ heldOut }) => heldOut[0] === 0)).toEqual({
    session: 0,
    heldOut: Int32Array.of(0),
    training: Int32Array.of(8, 9, 10, 11),
  });
});
