import { UserMistake } from '@galvani/terminal';
import { expect, test } from 'vitest';
import { snakefile } from '../../src/index.js';
import { recordedList } from '../recorded-list.js';

const recorded = recordedList();

test('a rule for each stage, in the words of Snakemake', async () => {
  const { folder, list } = recorded();
  const text = await snakefile({ ...list, workspace: '/cluster/galvani' }, folder, ['node', '/opt/galvani.mjs']);
  await expect(
    text.replaceAll(/tasks-\w+|plan="\w+"/g, (found) => found.replaceAll(/[0-9a-f]{12}/g, '0123456789ab')),
  ).toMatchFileSnapshot('exported/Snakefile');
});

test('a line break in a path or a name is refused, since what follows it would be taken for Python', async () => {
  const { folder, list } = recorded();
  for (const broken of [{ study: 'a\nimport os' }, { workspace: '/cluster/a\rb' }, { derivatives: 'a\nb' }]) {
    const written = snakefile({ ...list, ...broken }, folder, ['galvani']);
    await expect(written).rejects.toThrow(UserMistake);
    await expect(written).rejects.toThrow(/"[^"]*\\[nr][^"]*" has a line break .* a Snakefile cannot say: rename/);
  }
});
