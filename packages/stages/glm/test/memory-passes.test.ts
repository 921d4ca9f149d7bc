import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivationFile } from '@galvani/artifact';
import {
  designOfRuns,
  type FittedGlm,
  firstLevelMapsOf,
  fitGlms,
  layerRows,
  openSeries,
  type PreparedGlm,
  prepareMaps,
  prepareSeries,
  type RowSource,
  type SeriesRun,
  seriesConfigSchema,
  seriesRows,
  unitPasses,
} from '@galvani/glm';
import { randomStream } from '@galvani/numerics';
import { openResults } from '@galvani/results';
import { noiseModels, readParameters } from '@galvani/study';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SyntheticStudy, syntheticStudy } from '../../../../test/synthetic-study.js';

let study: SyntheticStudy;
beforeAll(async () => {
  study = await syntheticStudy({ tasks: ['fossils', 'cells'], input: { glm: { relabellings: 100 } } });
});
afterAll(() => rm(study.folder.root, { recursive: true, force: true }));

/** @param bytes that the estimators of one pass may take */
async function fitIn(source: RowSource, glms: PreparedGlm[], bytes?: number): Promise<FittedGlm[]> {
  const fits: FittedGlm[] = [];
  for await (const fit of fitGlms(source, glms, { passes: unitPasses(source, glms, bytes) })) fits.push(fit);
  return fits;
}

test.each(['ols', 'ar1', 'arma11'] as const)('%s: how many units fit in memory changes no bit', async (noise) => {
  const asked = { ...(await readParameters(study.folder, 'glm')), noise };
  const { runs, recording } = await openResults(study.folder, 'glm');
  const rows = await Promise.all(runs.map(recording));
  const source = await layerRows('block-00', rows, designOfRuns(rows, asked).layout);
  const fit = (bytes?: number) => {
    const glms = prepareMaps(firstLevelMapsOf(runs, asked).slice(0, 2), rows, asked);
    return fitIn(source, glms, bytes);
  };
  const whole = await fit();
  for (const bytes of [1, 60_000, 300_000]) expect(await fit(bytes)).toEqual(whole);
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
    const each = runs.map((run, r) => prepareSeries([run], config, { firstRow: 24 * r }));
    const whole = prepareSeries(runs, config);
    return fitIn(seriesRows([file], whole.layout), [whole, ...each], bytes);
  };
  const whole = await fit();
  const cut = await fit(1);
  await file.close();
  await rm(folder, { recursive: true, force: true });
  expect(cut).toEqual(whole);
  expect(whole[0].contrasts.get('task')!.permuted).toHaveLength(13);
});
