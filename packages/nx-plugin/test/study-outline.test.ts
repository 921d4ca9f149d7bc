import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedModel, embeddedPrompts } from '@galvani/frog';
import { runsOf } from '@galvani/pipeline';
import { parseStudy } from '@galvani/study';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { outlineStudies } from '../study-outline.mjs';

const root = mkdtempSync(join(tmpdir(), 'galvani-outline-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function outline(text: string) {
  writeFileSync(join(root, 'study.yaml'), text);
  return (await outlineStudies(root, ['study.yaml'])).get('study.yaml');
}

const name = fc.stringMatching(/^[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}$/);

test('runs are those that the plan stage lists, in its order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(name, { minLength: 1, maxLength: 8 }),
      fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
      fc.constantFrom({}, { rest: 'none' }, { rest: { repeat: 'tasks' } }),
      async (tasks, sessions, rest) => {
        const text = stringify({ tasks, ...rest, ...(sessions && { design: { sessions } }) });
        const { study } = parseStudy(text, 'study.yaml');
        expect((await outline(text))?.runs).toEqual(runsOf(study.tasks, study.design.sessions).map((run) => run.name));
      },
    ),
    // Each asks git about two files.
    { numRuns: 20 },
  );
});

test('without a word about it, model and prompts are the embedded ones', async () => {
  const { model, prompts } = (await outline('tasks: [a]\n')) ?? {};
  expect(embeddedModel.endsWith(`/${model?.path}`)).toBe(true);
  expect(prompts?.map(({ path }) => embeddedPrompts.endsWith(`/${path}`))).toEqual([true]);
});

test('what was read of a text is remembered by the text, and a memory that is damaged is none', async () => {
  const memory = join(root, '.nx/study-fields.json');
  const text = 'tasks: [a]\nprompts: mine.csv\n';
  const first = await outline(text);
  expect(first?.prompts).toEqual([{ path: 'mine.csv', hashed: true }]);
  expect(await outline(text)).toEqual(first);
  for (const damaged of ['', '[', 'null', '"text"', '[1]', '{}']) {
    writeFileSync(memory, damaged);
    expect(await outline(text), damaged).toEqual(first);
    expect(Object.values(JSON.parse(readFileSync(memory, 'utf8')))).toContainEqual({
      tasks: ['a'],
      prompts: 'mine.csv',
    });
  }
  expect((await outline('tasks: [b]\n'))?.runs).toContain('ses-01_task-b');
});
