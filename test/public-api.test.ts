import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { stageEntry, stageTable } from '@galvani/pipeline';
import { describe, expect, test } from 'vitest';
import { exportedNames, importedNames } from './exported-names.js';
import { home, readPackages } from './packages.js';

/** Packages that others import: the command and Nx's plugin are not. */
const libraries = readPackages()
  .filter(({ family }) => family === 'core' || family === 'stages')
  .map(({ name, folder }) => {
    const index = `${folder}/src/index.${existsSync(join(home, folder, 'src/index.ts')) ? 'ts' : 'mjs'}`;
    return { name, folder, exports: exportedNames(readFileSync(join(home, index), 'utf8')) };
  });

test('names are found in every form', () => {
  expect(
    exportedNames(`// export { no };\nexport { b, type C, d as e } from './b.js';\nexport type { A } from './a.js';`),
  ).toEqual(['b', 'e', 'type A', 'type C']);
  const text = `import { a, type B, c as d } from 'x';\nconst { e: f } = await import('y');\nimport * as z from 'z';\nz.g();
/** @type {import('w').H} */\nexport type { I } from 'v';`;
  expect(
    importedNames(text)
      .flatMap(({ specifier, names }) => names.map((name) => `${specifier}.${name}`))
      .sort(),
  ).toEqual(['v.I', 'w.H', 'x.B', 'x.a', 'x.c', 'y.e', 'z.g']);
});

/** Names by package that anything but the package's own sources imports from it: packages, the command, tests, benches. */
const used = new Map(libraries.map(({ name }) => [name, new Set<string>()]));
for (const folder of ['packages', 'apps', 'test', 'bench', 'crash', 'scripts'])
  for (const path of readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' })) {
    const file = `${folder}/${path}`;
    if (!/\.(tsx?|mjs)$/.test(path) || /(?:^|\/)(?:node_modules|dist|bundle)\//.test(path)) continue;
    for (const { specifier, names } of importedNames(readFileSync(join(home, file), 'utf8'))) {
      const index = join(file, '..', specifier).replace(/\/(?:src|dist)\/index\.m?js$/, '');
      const library = libraries.find((each) => each.name === specifier || each.folder === index);
      if (library && !file.startsWith(`${library.folder}/src/`))
        for (const name of names) used.get(library.name)?.add(name);
    }
  }
// The command loads a stage by the name that the table has for its package.
for (const row of stageTable) used.get(row.package)?.add(stageEntry(row).export);
// In the type of glm's schema of a series, which the compiler writes out by name.
used.get('@galvani/study')?.add('Dictionary');

// Where a change is meant: npx vitest run test/public-api.test.ts -u
describe.each(libraries)('$name', ({ name, exports }) => {
  test('exports what its list says', async () => {
    await expect(`${exports.join('\n')}\n`).toMatchFileSnapshot(`public-api/${name.replace('@galvani/', '')}.txt`);
  });

  test('exports nothing that nobody imports', () => {
    expect(exports.filter((each) => !used.get(name)?.has(each.replace('type ', '')))).toEqual([]);
  });
});

test('a stage’s package exports it as the table of stages says', () => {
  const exported = new Map(libraries.map(({ name, exports }) => [name, exports]));
  expect(stageTable.filter((row) => !exported.get(row.package)?.includes(stageEntry(row).export))).toEqual([]);
});

test('every list is of a package', () => {
  const lists = readdirSync(join(home, 'test/public-api')).map((file) => `@galvani/${file.replace('.txt', '')}`);
  // A package that has no list yet gets one in its own test; in CI that test fails instead.
  expect(libraries.map(({ name }) => name)).toEqual(expect.arrayContaining(lists));
});
