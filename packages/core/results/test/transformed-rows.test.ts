import { rm } from 'node:fs/promises';
import { openResults, type Recording } from '@galvani/results';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SyntheticStudy, syntheticStudy } from '../../../../test/synthetic-study.js';

let study: SyntheticStudy;
const recordings = {} as Record<'none' | 'abs' | 'positive', Recording>;
beforeAll(async () => {
  // About 0, so that there are both signs.
  const change = (_session: number, value: number, unit: number) => (unit === 7 ? Number.NaN : value - 101 - unit);
  study = await syntheticStudy({ tasks: ['fossils'], sessions: 1, change });
  for (const transform of ['none', 'abs', 'positive'] as const) {
    const { runs, recording } = await openResults(study.folder, 'glm', undefined, { transform });
    recordings[transform] = await recording(runs[0]);
  }
});
afterAll(() => rm(study.folder.root, { recursive: true, force: true }));

async function valuesOf({ openLayer }: Recording): Promise<number[]> {
  const file = await openLayer('block-00');
  const found: number[] = [];
  for await (const { values } of file.batches()) found.push(...values.flatMap((own) => [...own]));
  await file.close();
  return found;
}

test('each activation is transformed, and none is left out', async () => {
  const [none, abs, positive] = [
    await valuesOf(recordings.none),
    await valuesOf(recordings.abs),
    await valuesOf(recordings.positive),
  ];
  expect(none.some((value) => value < 0)).toBe(true);
  expect(abs).toEqual(none.map(Math.abs));
  expect(positive).toEqual(none.map((value) => (Number.isNaN(value) ? value : Math.max(0, value))));
});

test('means are of transformed activations: twice the positive part less the activation is its size', async () => {
  const means = async (transform: keyof typeof recordings) =>
    (await recordings[transform].promptMeans('block-00')).means;
  const [none, abs, positive] = [await means('none'), await means('abs'), await means('positive')];
  expect(abs.some((value, i) => value - Math.abs(none[i]) > 0.01)).toBe(true);
  for (const [i, value] of abs.entries())
    if (Number.isNaN(value)) expect([i % 50, none[i], positive[i]]).toEqual([7, Number.NaN, Number.NaN]);
    else expect(2 * positive[i] - none[i]).toBeCloseTo(value, 9);
});

test('what the study says holds unless another is asked for', async () => {
  const abs = await syntheticStudy({ tasks: ['fossils'], sessions: 1, input: { glm: { transform: 'abs' } } });
  const { runs, recording } = await openResults(abs.folder, 'glm');
  expect((await valuesOf(await recording(runs[0]))).every((value) => value >= 0)).toBe(true);
  await rm(abs.folder.root, { recursive: true, force: true });
});
