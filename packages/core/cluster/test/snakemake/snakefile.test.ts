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
