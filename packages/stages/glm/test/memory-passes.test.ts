import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivationFile } from '@galvani/artifact';
import {
  fitFiles,
  fitLayer,
  mapSetsOf,
  openSeries,
  prepareSet,
  readRunRows,
  type SeriesRun,
  seriesConfigSchema,
  seriesModel,
} from '@galvani/glm';
import { randomStream } from '@galvani/numerics';
import { noiseModels, readSlice } from '@galvani/study';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SyntheticStudy, syntheticStudy } from '../../../../test/synthetic-study.js';

let study: SyntheticStudy;
beforeAll(async () => {
  study = await syntheticStudy({ tasks: ['fossils', 'cells'], input: { glm: { relabellings: 100 } } });
});
afterAll(() => rm(study.folder.root, { recursive: true, force: true }));

test.each(['ols', 'ar1', 'arma11'] as const)('%s: how many units fit in memory changes no bit', async (noise) => {
  const slice = { ...(await readSlice(study.folder, 'glm')), noise };
  const runs = await readSlice(study.folder, 'runs');
  const rows = await Promise.all(runs.map((run) => readRunRows(study.folder, run)));
  const models = mapSetsOf(runs, slice)
    .slice(0, 2)
    .map((set) => prepareSet(set, rows, slice));
  const whole = await fitLayer(study.folder, 'block-00', rows, models);
  for (const bytes of [1, 60_000, 300_000]) {
    const cut = await fitLayer(study.folder, 'block-00', rows, models, undefined, bytes);
    for (const [m, parts] of cut.results.entries()) {
      const join = (own: typeof parts) => own.flatMap(({ contrast }) => Array.from('t' in contrast ? contrast.t : []));
      expect(join(parts)).toEqual(join(whole.results[m]));
    }
    expect(cut.means).toEqual(whole.means);
  }
});

test.each(noiseModels)('%s: a series too', async (noise) => {
  const folder = await mkdtemp(join(tmpdir(), 'galvani-passes-'));
  const path = join(folder, 'series.arrow');
  const stream = randomStream(3, 'passes');
  const columns = [5, 1, 7].map((width, c) => ({ site: `s${c}`, kind: 'linear', width }));
  const writer = await createActivationFile(path, columns, 'float32');
  for (let batch = 0; batch < 4; batch++)
    await writer.append(
      12,
      columns.map(({ width }) => Float32Array.from({ length: 12 * width }, () => stream.normal())),
    );
  await writer.finish();
  const events = Array.from({ length: 12 }, (_, p) => ({
    onset: 4 * (p % 6),
    duration: 4,
    trialType: p % 3 === 1 ? 'task' : 'rest',
    prompt: String(p),
  }));
  const runs: SeriesRun[] = [0, 1].map((r) => ({ name: `${r}`, rows: 24, events: events.slice(6 * r, 6 * r + 6) }));
  const config = seriesConfigSchema.parse({ noise, relabellings: 100 });
  const file = await openSeries(path);
  const fit = (bytes?: number) => {
    const models = [seriesModel(runs, config), ...runs.map((run) => seriesModel([run], config, undefined, true))];
    return fitFiles([file], models, runs, () => undefined, undefined, bytes);
  };
  const whole = await fit();
  const cut = await fit(1);
  await file.close();
  await rm(folder, { recursive: true, force: true });
  for (const [m, { contrasts, flags }] of cut.entries()) {
    const [own, other] = [contrasts.get('task')!, whole[m].contrasts.get('task')!];
    expect(flags).toEqual(whole[m].flags);
    for (const name of ['t', 'd', 'dLower', 'log10pFamilywise'])
      expect(own[name as never], name).toEqual(other[name as never]);
  }
});
