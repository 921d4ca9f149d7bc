import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planStudy, readStudyFile } from '@galvani/study';
import { afterAll, beforeAll, expect, test } from 'vitest';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'galvani-lesion-'));
});
afterAll(() => rm(root, { recursive: true }));

async function planned(lesion: string, files: Record<string, string> = {}) {
  const folder = await mkdtemp(join(root, 'study-'));
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const path = join(folder, 'study.yaml');
  await writeFile(path, `tasks: [pathology]\ndesign: { sessions: 2 }\nlesion: ${lesion}\n`);
  return (await planStudy(await readStudyFile(path))).parameters.lesion;
}

test('the default is MLP units, their mean, three doses and 100 controls; what is written counts instead', async () => {
  expect(await planned('{}')).toMatchObject({
    ...{ named: false, sites: ['activation'], kinds: ['mean'], doses: [0.25, 0.5, 1], controls: 100, prompts: 36 },
  });
  expect(await planned('{ sites: [] }')).toMatchObject({ named: true, sites: [] });
});

test('one setting asks for everything, where nothing else is written', async () => {
  const all = await planned('{ thorough: true, controls: 200 }');
  expect(all).toMatchObject({ controls: 200, kinds: ['mean', 'zero', 'resample'], named: false });
  expect(all.sites).toHaveLength(6);
  expect((await planned('{ thorough: true }')).controls).toBe(1000);
});

test('tables are read before a model runs, and what is wrong with them is told with both lines', async () => {
  const read = await planned('{ texts: own.csv, pairs: pairs.csv }', {
    'own.csv': 'topic,text\npathology,a text\n',
    'pairs.csv': 'topic,good,bad,good_context\nagreement,are,is,the keys\n',
  });
  expect([read.texts, read.pairs].every((path) => path?.endsWith('.csv'))).toBe(true);
  await expect(planned('{ texts: none.csv }')).rejects.toThrow(
    /study.yaml:3: lesion.texts: there is no file at .*none.csv/,
  );
  await expect(planned('{ texts: own.csv }', { 'own.csv': 'topic,words\nx,y\n' })).rejects.toThrow(
    /study.yaml:3: .*own.csv lacks the column text; texts need topic, text/,
  );
  await expect(planned('{ texts: own.csv }', { 'own.csv': 'topic,text\n' })).rejects.toThrow(/no rows/);
  await expect(planned('{ texts: own.csv }', { 'own.csv': 'topic,text\nx, \n' })).rejects.toThrow(
    /own.csv:2: text is empty/,
  );
  await expect(planned('{ pairs: pairs.csv }', { 'pairs.csv': 'topic,good,bad\nx,a b,a b\n' })).rejects.toThrow(
    /pairs.csv:2: good and bad are the same text/,
  );
});
