import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsOf } from '@galvani/pipeline';
import { embeddedModel, embeddedPrompts, galvaniRoot, parseStudy, portable } from '@galvani/study';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { outlineStudy } from '../study-outline.mjs';

const root = mkdtempSync(join(tmpdir(), 'galvani-outline-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function outline(text: string) {
  writeFileSync(join(root, 'study.yaml'), text);
  return outlineStudy(root, 'study.yaml');
}

const name = fc.stringMatching(/^[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}$/);

test('runs are those that the plan stage lists, in its order', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 1, maxLength: 8 }),
      fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
      (tasks, sessions) => {
        const text = stringify({ tasks, ...(sessions && { design: { sessions } }) });
        const { study } = parseStudy(text, 'study.yaml');
        expect(outline(text)?.runs).toEqual(runsOf(study.tasks, study.design.sessions).map((run) => run.name));
      },
    ),
    // Each asks git about two files.
    { numRuns: 20 },
  );
});

test('without a word about it, model and prompts are the embedded ones', () => {
  const { model, prompts } = outline('tasks: [a]\n') ?? {};
  expect(model?.path).toBe(portable(galvaniRoot, embeddedModel));
  expect(prompts?.path).toBe(portable(galvaniRoot, embeddedPrompts));
});
