import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifest, writeTable } from '@galvani/artifact';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { galvani } from './run-command.js';

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-cli-glm-'));
  const rows = Array.from({ length: 16 }, (_, row) => ({
    u: Math.sin(7 * row),
    v: row % 8 > 3 ? 2 + row / 9 : row / 7,
  }));
  await writeTable(at('run.parquet'), { u: 'float64', v: 'float64' }, rows);
  const events = [0, 4, 8, 12].map((onset, i) => `${onset},4,${i % 2 ? 'task' : 'rest'}`);
  await writeFile(at('events.csv'), `onset,duration,trial_type\n${events.join('\n')}\n`);
  await writeFile(at('glm.yaml'), 'noise: ols\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

test('glm takes a series without any study or model', async () => {
  const files = ['--series', at('run.parquet'), '--events', at('events.csv'), '--config', at('glm.yaml')];
  const printed = await galvani('glm', ...files, '--out', at('maps'));
  expect(printed).toMatch(/^glm: 1 contrasts of 2 units in 16 rows of 1 run: .*manifest\.json\n$/);
  expect((await readManifest(at('maps')))?.facts).toMatchObject({ rows: 16, units: 2, df: 14 });
});

test.each([
  [['glm'], /needs a study, or a series: --series FILE --events FILE --config FILE --out FOLDER/],
  [['glm', '--series', 'a.npy'], /also needs --events, --config, --out/],
  [['glm', 'pipelines/x', '--series', 'a.npy'], /'pipelines\/x' is one/],
  [['glm', 'pipelines/x', '--config', 'a.yaml'], /go with --series/],
  [['calibrate', '--seed', 'x'], /whole number of at least 0/],
  [['calibrate', '--study', '/nowhere'], /there is no study at/],
  [['power', '/nowhere'], /there is no study at/],
  [['power', 'pipelines/default', '--draws', '0'], /whole number of at least 1/],
])('%j is a mistake that says what is allowed', async (words, message) => {
  await expect(galvani(...words)).rejects.toThrow(message);
  await expect(galvani(...words)).rejects.toHaveProperty('name', 'UserMistake');
});
