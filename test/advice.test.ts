import { program } from 'galvani';
import { expect, test } from 'vitest';
import { readPackages } from './packages.js';

/** Help says `galvani`; artifacts do not depend on how galvani was called; the viewer's page is in a browser. */
const mayName = [
  'apps/cli/src/program.ts',
  'apps/cli/src/command-reference.ts',
  'apps/cli/src/completion',
  // A workspace that is about to be.
  'apps/cli/src/init-command.ts',
  'packages/core/terminal/src/command-name.ts',
  'apps/viewer/',
  'packages/core/cluster/src/slurm/batch-file.ts',
  'packages/core/cluster/src/snakemake/snakefile.ts',
  // It runs under Nx alone.
  'packages/nx-plugin/',
  'packages/stages/report/src/page/viewer-link.ts',
  'packages/stages/report/src/sections/',
];

test('advice that names a command is made by `advised`, which knows how galvani was called', () => {
  const names = program().commands.map((command) => command.name());
  const named = new RegExp(`\\b(galvani (${names.join('|')})\\b|npx nx run)`);
  const help = /\.(option|requiredOption|argument|description)\(|new Option\(|^\s*'[^']*\(galvani|^\s*'[^']*npx nx/;
  const found = readPackages().flatMap(({ folder, sources }) =>
    sources
      .map(({ path, text }) => ({ path: `${folder}/${path}`, text }))
      .filter(({ path }) => !mayName.some((each) => path.startsWith(each)))
      .flatMap(({ path, text }) =>
        withoutComments(text)
          .split('\n')
          .filter((line) => named.test(line) && !help.test(line))
          .map((line) => `${path}: ${line.trim()}`),
      ),
  );
  expect(found).toEqual([]);
});

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
