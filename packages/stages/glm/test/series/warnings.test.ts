import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifest, writeTable } from '@galvani/artifact';
import { fitSeriesFiles } from '@galvani/glm';
import { randomStream } from '@galvani/numerics';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-warnings-'));
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const units = 20;

/** What the command prints on standard error of a run of off/on/off blocks, a row a prompt. */
async function warningsOf(inBlock: number, level: (time: number) => number, config: string): Promise<string> {
  const prompts = 3 * inBlock;
  const stream = randomStream(1, 'warnings');
  const names = Array.from({ length: units }, (_, u) => `u${u}`);
  await writeTable(
    at('series.parquet'),
    Object.fromEntries(names.map((name) => [name, 'float64' as const])),
    Array.from({ length: prompts }, (_, p) =>
      Object.fromEntries(names.map((name) => [name, level((2 * p) / (prompts - 1) - 1) + stream.normal()])),
    ),
  );
  const lines = Array.from({ length: prompts }, (_, p) => `${p},1,${p >= inBlock && p < 2 * inBlock ? 'on' : 'rest'}`);
  await writeFile(at('events.csv'), `onset,duration,trial_type\n${lines.join('\n')}\n`);
  await writeFile(at('glm.yaml'), config);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await fitSeriesFiles({
    series: [at('series.parquet')],
    events: [at('events.csv')],
    config: at('glm.yaml'),
    out: at('out'),
  });
  const text = told.mock.calls.join('');
  vi.restoreAllMocks();
  return text;
}

test('a threshold that relabelling cannot reach', async () => {
  expect(await warningsOf(2, () => 0, 'noise: prompt\n')).toContain(
    "'on' can have no family-wise p below 0.0667, the least that relabelling its prompts gives, so no unit will pass alpha 0.05",
  );
  const { contrasts } = (await readManifest(at('out')))!.facts as { contrasts: object[] };
  expect(contrasts).toMatchObject([{ name: 'on', relabellings: 15, smallestP: 1 / 15 }]);
  expect(await warningsOf(2, () => 0, 'noise: prompt\nalpha: 0.07\n')).not.toContain('can have no');
  expect(await warningsOf(6, () => 0, 'noise: prompt\nrelabellings: 100\nalpha: 0.005\n')).toContain('below 0.00990,');
});

test('rest that drifts, unless the design has drift regressors', async () => {
  const bend = (time: number) => 6 * time ** 2;
  expect(await warningsOf(6, bend, 'noise: prompt\n')).toContain('rest drifts over 1 of 1 run (1;');
  expect(await warningsOf(6, bend, 'noise: prompt\ndrift: { kind: polynomial, order: 2 }\n')).not.toContain('drifts');
});
