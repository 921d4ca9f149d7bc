import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { designTable, diagnosticsTable, driftTable, readManifest, readMap, restDrifts } from '@galvani/artifact';
import { firstLevelMapsOf, stage as glmStage, prepareMaps } from '@galvani/glm';
import type { Recording } from '@galvani/results';
import { fixedEffects, randomEffects } from '@galvani/statistics';
import { mapPath, type StudyInput, studySchema } from '@galvani/study';
import { afterEach, expect, test } from 'vitest';
import { type SyntheticStudy, syntheticStudy } from '../../../../test/synthetic-study.js';

const signal = new AbortController().signal;
const studies: SyntheticStudy[] = [];
afterEach(async () => {
  for (const { folder } of studies.splice(0)) await rm(folder.root, { recursive: true, force: true });
});

async function fitted(glm: NonNullable<StudyInput['glm']>, extra = {}): Promise<SyntheticStudy> {
  const input = { glm: { relabellings: 200, runRelabellings: 100, ...glm } };
  const study = await syntheticStudy({ tasks: ['fossils', 'cells'], input, ...extra });
  studies.push(study);
  await glmStage({ study: study.folder.root, root: study.folder.root, signal });
  return study;
}
const read = (study: SyntheticStudy, set: string, layer = 'block-00') => readMap(mapPath(study.folder, set, layer));

test('a conjunction holds what both tasks share with one sign, and is no surer than either', async () => {
  const study = await fitted({ conjunctions: { 'both of them': ['fossils', 'cells'] } });
  const both = (await read(study, 'conjunction-both-of-them')).contrasts.get('both of them')!;
  const own = await Promise.all(
    ['fossils', 'cells'].map(async (task) => (await read(study, `task-${task}`)).contrasts.get(task)!),
  );
  for (const [v, z] of both.z.entries()) {
    const agree = own[0].z[v] * own[1].z[v] > 0;
    expect(Math.abs(z)).toBe(agree ? Math.min(...own.map((map) => Math.abs(map.z[v]))) : 0);
    for (const name of ['log10_p', 'log10_p_familywise'])
      expect(both[name][v]).toBe(agree ? Math.max(...own.map((map) => map[name][v])) : 0);
  }
  const sets = (await readManifest(study.folder.glm))?.facts.mapSets as Record<string, unknown>[];
  expect(sets.at(-1)).toMatchObject({ kind: 'conjunction', from: ['task-fossils', 'task-cells'], statistic: 'z' });
});

test('the second level is a t test over sessions', async () => {
  const study = await fitted({ secondLevel: true });
  const level = await read(study, 'second-level-cells');
  const sessions = await Promise.all([1, 2, 3].map((s) => read(study, `ses-0${s}_task-cells`)));
  const effects = sessions.map((map) => Float64Array.from(map.contrasts.get('cells')!.effect));
  const { beta, df } = randomEffects(effects);
  // Maps hold effects as float32.
  for (const [u, effect] of level.contrasts.get('cells')!.effect.entries())
    expect(Math.abs(effect - beta[u])).toBeLessThan(2e-7 * Math.max(...effects.map((own) => Math.abs(own[u]))));
  expect(df).toBe(2);
  for (const [unit, sign] of study.planted.cells)
    if (unit < 50) expect(level.contrasts.get('cells')!.t[unit] * sign).toBeGreaterThan(3);
  // Three sessions have eight flips, and each unit is as extreme when all signs are turned.
  for (const log of level.contrasts.get('cells')!.log10_p_familywise) {
    const flips = 8 * 10 ** log;
    expect(flips).toBeCloseTo(Math.round(flips), 9);
    expect(flips).toBeGreaterThan(1.5);
  }
  const sets = (await readManifest(study.folder.glm))?.facts.mapSets as Record<string, unknown>[];
  expect(sets.at(-1)).toMatchObject({
    kind: 'second-level',
    df: 2,
    relabellings: 8,
    exhaustive: true,
    smallestP: 0.25,
  });
});

test('a course over tokens, modulators and drift enter the model of tokens', async () => {
  const study = await fitted({
    noise: 'ar1+prompt',
    regressor: { kind: 'fir', length: 2, width: 2 },
    modulators: [{ value: 'position', of: 'tasks' }],
    contrasts: { course: '"fossils[2+]" - "fossils[0-1]"' },
  });
  const course = await read(study, 'contrast-course');
  expect(Object.keys(course.contrasts.get('course')!)).not.toContain('log10_p_familywise');
  const task = await read(study, 'task-fossils');
  for (const [unit, sign] of study.planted.fossils)
    if (unit < 50) {
      expect(task.contrasts.get('fossils')!.t[unit] * sign).toBeGreaterThan(4);
      expect(Math.abs(course.contrasts.get('course')!.t[unit])).toBeLessThan(5);
    }
  const sets = (await readManifest(study.folder.glm))?.facts.mapSets as Record<string, unknown>[];
  expect(sets.find(({ name }) => name === 'contrast-course')).toMatchObject({ relabellings: 0 });
});

test('without relabellings of their own runs have no family-wise p, and all else as with them', async () => {
  const [without, with100] = [await fitted({ runRelabellings: 0 }), await fitted({})];
  const run = 'ses-01_task-cells';
  const of = async (study: typeof without) => (await read(study, run)).contrasts.get('cells')!;
  const { log10_p_familywise: p, ...rest } = await of(with100);
  expect(p.every((value) => value <= 0)).toBe(true);
  expect(await of(without)).toEqual(rest);
  expect(await read(without, 'task-cells')).toEqual(await read(with100, 'task-cells'));
  const sets = (await readManifest(without.folder.glm))?.facts.mapSets as Record<string, unknown>[];
  expect(sets.find(({ name }) => name === run)).toMatchObject({ kind: 'run', relabellings: 0 });
});

test('confounds are taken out, and a missing line is told', async () => {
  const input = { glm: { relabellings: 200, runRelabellings: 100, confounds: 'confounds.csv' } };
  const study = await syntheticStudy({ tasks: ['fossils', 'cells'], input });
  studies.push(study);
  const lines = [1, 2, 3].flatMap((s) =>
    ['fossils', 'cells'].flatMap((task) =>
      Array.from({ length: 18 }, (_, p) => `ses-0${s}_task-${task},${p},${Math.sin(3 * p + s)}`),
    ),
  );
  const path = join(study.folder.root, 'confounds.csv');
  await writeFile(path, `run,prompt,length\n${lines.join('\n')}\n`);
  const run = () => glmStage({ study: study.folder.root, root: study.folder.root, signal });
  await run();
  const sets = (await readManifest(study.folder.glm))?.facts.mapSets as Record<string, unknown>[];
  expect(sets[0]).toMatchObject({ name: 'task-fossils', df: 'per unit' });
  await writeFile(path, `run,prompt,length\n${lines.slice(1).join('\n')}\n`);
  await expect(run()).rejects.toThrow(/has no line for run ses-01_task-fossils, prompt 0/);
  await writeFile(path, `run,prompt,length\n${lines[0]}\n${lines[0]}\n`);
  await expect(run()).rejects.toThrow(/confounds\.csv:3: the same prompt was given at .*confounds\.csv:2/);
});

test('diagnostics tell what tokens share, and count units that cannot be tested', async () => {
  const change = (_session: number, value: number, unit: number) =>
    unit === 3 ? 7 : unit === 4 ? Number.NaN : unit === 5 ? value * 1000 : value;
  const study = await fitted({}, { change });
  const rows = await diagnosticsTable.read(join(study.folder.glm, 'diagnostics.parquet'));
  expect(rows.map(({ layer, site, units }) => [layer, site, units])).toEqual([
    ['block-00', 'model.layers.0.fc1', 30],
    ['block-00', 'model.layers.0', 20],
    ['final', 'lm_head', 30],
  ]);
  expect(rows[0]).toMatchObject({ constant: 1, non_finite: 1, outliers: 1, sampled: 30 });
  expect(rows[1]).toMatchObject({ constant: 0, non_finite: 0, sampled: 20 });
  // A prompt's level has variance 1, a token about it 0.09; with four tokens the lag-1 correlation is nearly as high.
  for (const { intraclass, lag1, ljung_box_share } of rows) {
    expect(intraclass).toBeGreaterThan(0.85);
    expect(lag1).toBeGreaterThan(0.8);
    expect(ljung_box_share).toBe(1);
  }
});

test('the design of a task is told entry by entry, as means over prompts', async () => {
  const study = await fitted({});
  const rows = await designTable.read(join(study.folder.glm, 'design.parquet'));
  const own = rows.filter(({ task }) => task === 'cells');
  expect([...new Set(own.map(({ column }) => column))]).toEqual([
    'cells',
    ...[1, 2, 3].map((s) => `run ses-0${s}_task-cells`),
  ]);
  expect(own.every(({ value }) => value === 1)).toBe(true);
  for (const s of [1, 2, 3]) {
    const run = own.filter((row) => row.run === `ses-0${s}_task-cells`);
    expect(run.filter(({ column }) => column === 'cells').length).toBe(6);
    expect(run.filter(({ column }) => column !== 'cells').map(({ prompt }) => prompt)).toEqual([...Array(18).keys()]);
  }
});

test('runs whose rest drifts are told', async () => {
  const rows = async (study: SyntheticStudy) => driftTable.read(join(study.folder.glm, 'drift.parquet'));
  const still = await rows(await fitted({}));
  expect(still.map(({ run, prompts, units }) => [run, prompts, units])).toEqual(
    [1, 2, 3].flatMap((s) => ['fossils', 'cells'].map((task) => [`ses-0${s}_task-${task}`, 12, 80])),
  );
  expect(still.filter(restDrifts).length).toBeLessThan(3);
  // Every value passes here once, row after row: 18 prompts of 4 tokens a unit.
  let seen = 0;
  const change = (session: number, value: number) => {
    const place = (Math.floor(seen++ / 4) % 18) / 17;
    return session === 2 ? value + 6 * place : session === 3 ? value + 20 * (place - 0.5) ** 2 : value;
  };
  const found = await rows(await fitted({}, { change }));
  for (const row of found.filter(({ run }) => run.startsWith('ses-02'))) {
    expect(row.linear_p).toBeLessThan(0.025);
    expect(row.linear_share).toBeGreaterThan(0.9);
  }
  for (const row of found.filter(({ run }) => run.startsWith('ses-03'))) {
    expect(row.quadratic_p).toBeLessThan(0.025);
    expect(row.quadratic_share).toBeGreaterThan(0.9);
  }
});

/** A run of eight prompts of these lengths, four of them of the task. */
function recordingOf(lengths: number[], session = 1): Recording {
  const promptOfRow = Int32Array.from(lengths.flatMap((length, p) => Array<number>(length).fill(p)));
  const token = { prompt: 0, position: 0, token_id: 0, token: '', log_probability: 0, entropy: 0 };
  return {
    run: { name: `ses-0${session}_task-a`, session, task: 'a' },
    isTask: Uint8Array.of(0, 0, 1, 1, 1, 1, 0, 0),
    promptOfRow,
    tokens: Array.from(promptOfRow, (prompt) => ({ ...token, prompt })),
  } as Partial<Recording> as Recording;
}

test('prompts of unequal length count once each, by their means; mixed takes their tokens', () => {
  const recording = recordingOf([2, 3, 4, 2, 5, 3, 2, 4]);
  const asked = { seed: 1, ...studySchema.parse({ tasks: ['a'] }).glm };
  const [glm] = prepareMaps(firstLevelMapsOf([recording.run], asked), [recording], asked);
  expect(glm.prompts?.design.rows).toBe(8);
  const [mixed] = prepareMaps(firstLevelMapsOf([recording.run], asked), [recording], { ...asked, noise: 'mixed' });
  expect(mixed.prompts).toBeUndefined();
  expect(mixed.design.rows).toBe(25);
});

test('maps of the same runs share one model, which takes the rows of these runs', () => {
  const recordings = [1, 2].map((session) => recordingOf(Array<number>(8).fill(3), session));
  const runs = recordings.map(({ run }) => run);
  const asked = { seed: 1, ...studySchema.parse({ tasks: ['a'], glm: { contrasts: { half: 'a / 2' } } }).glm };
  const glms = prepareMaps(firstLevelMapsOf(runs, asked), recordings, asked);
  expect(glms.map(({ contrasts, spans, prompts }) => [[...contrasts.keys()], spans, prompts?.design.rows])).toEqual([
    [['task-a', 'contrast-half'], [{ from: 0, until: 48 }], 16],
    [['ses-01_task-a'], [{ from: 0, until: 24 }], 8],
    [['ses-02_task-a'], [{ from: 24, until: 48 }], 8],
  ]);
});

test('fixed effects and the joint fit agree where runs are alike', async () => {
  const study = await fitted({});
  const joint = (await read(study, 'task-cells')).contrasts.get('cells')!;
  const sessions = await Promise.all([1, 2, 3].map((s) => read(study, `ses-0${s}_task-cells`)));
  const results = sessions.map((map) => {
    const { effect, t } = map.contrasts.get('cells')!;
    const variance = Float64Array.from(effect, (value, v) => (value / t[v]) ** 2);
    return { effect, variance, dispersion: variance.map((value) => value / (1 / 6 + 1 / 12)), df: 16, name: 'cells' };
  });
  const { effect } = fixedEffects(results as never);
  for (let v = 0; v < 50; v++) expect(effect[v]).toBeCloseTo(joint.effect[v], 6);
});

test('of absolute values a model and its mirror image have the same maps; of positive parts the two add up to them', async () => {
  const about0 = (value: number, unit: number) => value - 101 - unit;
  const of = async (transform: 'abs' | 'positive', sign: 1 | -1) => {
    const study = await fitted(
      { transform, relabellings: 100 },
      { change: (_s: number, value: number, unit: number) => sign * about0(value, unit) },
    );
    return (await read(study, 'task-fossils')).contrasts.get('fossils')!;
  };
  const abs = await of('abs', 1);
  expect(await of('abs', -1)).toEqual(abs);
  const [positive, negative] = [await of('positive', 1), await of('positive', -1)];
  for (const [v, effect] of abs.effect.entries())
    expect(positive.effect[v] + negative.effect[v]).toBeCloseTo(effect, 6);
});
