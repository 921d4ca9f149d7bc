import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { absentStages, planStudy, readStudyFile } from '@galvani/study';
import { afterAll, beforeAll, expect, test } from 'vitest';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'galvani-off-tasks-'));
  await mkdir(join(root, 'model'));
  const rows = ['fossils', 'cells', 'bread'].flatMap((topic) =>
    Array.from({ length: 18 }, (_, i) => `${topic}-${i},${topic},statement,"about ${topic}, ${i}"`),
  );
  await writeFile(join(root, 'bank.csv'), `id,topic,form,text\n${rows.join('\n')}\n`);
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function plan(text: string) {
  const path = join(root, 'study.yaml');
  await writeFile(path, `model: model\nprompts: bank.csv\n${text}`);
  return planStudy(await readStudyFile(path));
}

const blocks = 'design: { sessions: 2, promptsPerBlock: 3 }\n';
const three = `tasks: [fossils, cells, random-strings]\nrest: none\n${blocks}`;

test('a study without rest has no topics of rest, and stages that look at off blocks know', async () => {
  const { parameters } = await plan(three);
  expect(parameters.design.restTopics).toEqual([]);
  expect(parameters.glm.rest).toBe('none');
  expect(parameters.geometry.rest).toBe('none');
  expect(absentStages(parameters).map(({ stage }) => stage)).toEqual(['yardstick', 'steer']);
  const rested = await plan(three.replace('rest: none', 'rest: { repeat: tasks }'));
  expect(rested.parameters.glm).not.toHaveProperty('rest');
  expect(rested.parameters.geometry).not.toHaveProperty('rest');
  expect(absentStages(rested.parameters)).toEqual([]);
});

test.each([
  [`tasks: [fossils]\nrest: none\n${blocks}`, /study\.yaml:4: rest: .* and there is one task, 'fossils'\. Add a task/],
  [
    'tasks: [fossils, cells]\nrest: none\ndesign: { sessions: 2, promptsPerBlock: 3, pairs: true }\n',
    /study\.yaml:5: design\.pairs: the partners of design\.pairs are prompts of topics of rest, and rest is none/,
  ],
  [
    'tasks: [fossils, cells]\nrest: none\ndesign: { sessions: 3, promptsPerBlock: 3 }\n',
    /design\.sessions: without rest 3 sessions x 3 blocks x 3 prompts need 27 prompts on fossils, .*; the bank has 18\. It has enough for design\.sessions: 2, or design\.promptsPerBlock: 2\. Or add/,
  ],
  [`tasks: [fossils, cells]\nrest: nothing\n${blocks}`, /study\.yaml:4: rest is "nothing"/],
  [`tasks: [fossils, cells]\nrest: { topics: [] }\n${blocks}`, /study\.yaml:4: rest/],
])('%j is refused with its line', async (text, message) => {
  await expect(plan(text)).rejects.toThrow(message);
});

test.each([
  ['x: fossils', /glm\.contrasts\.x: Contrast 'fossils': the weights of tasks add up to 1, and without rest/],
  ['x: fossils - rest', /unknown name 'rest' at character 11\.[\s\S]*Known names: fossils, cells, random-strings\./],
  ['x: 2 * fossils - cells', /the weights of tasks add up to 1, .* as in fossils - cells\./],
  ['"x": "F: fossils - cells, cells"', /the weights of tasks add up to 1/],
  ['x: "fossils:entropy, cells"', /the weights of tasks add up to 1/],
])('the contrast %s is refused, since only differences between tasks are known', async (contrast, message) => {
  const modulators = contrast.includes('entropy') ? ', modulators: [{ value: entropy, of: tasks }]' : '';
  await expect(plan(`${three}glm: { contrasts: { ${contrast} }${modulators} }\n`)).rejects.toThrow(message);
});

test('contrasts whose weights of tasks add up to 0 are taken, whatever they weigh beside', async () => {
  const contrasts =
    '{ a: fossils - cells, b: "fossils - [cells, random-strings]", c: entropy, d: "F: fossils - cells, cells - random-strings", e: 0.1 * fossils + 0.2 * cells - 0.3 * random-strings }';
  const { parameters } = await plan(`${three}glm: { modulators: [entropy], contrasts: ${contrasts} }\n`);
  expect(parameters.glm.contrasts).toHaveLength(5);
});
