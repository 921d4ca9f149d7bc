import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path/posix';
import { describe, expect, test } from 'vitest';
import { workspaceLinks } from '../scripts/workspace-links.mjs';
import { importCircles } from './import-circles.js';
import { home, importsOf, readPackages } from './packages.js';

const packages = readPackages();
const byName = new Map(packages.map((each) => [each.name, each]));

/** The package that a bare specifier belongs to: `@galvani/study`, `zod` of `zod/v4`. */
const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
const isBare = (specifier: string) => !specifier.startsWith('.') && !specifier.startsWith('node:');

test('imports are found in every form, and not in comments', () => {
  const text = `import a from 'a';\nimport {\n  b,\n} from "b";\nexport * from './c.js';\nimport 'd';
const e = await import('e');\nexport type { F } from 'f';\n// import g from 'g';\n/** import('h') */\n`;
  expect(importsOf(text).sort()).toEqual(['./c.js', 'a', 'b', 'd', 'e', 'f']);
});

test('circles of imports are found, of types and in several steps', () => {
  const imports = { a: ['./in/b.js'], 'in/b': ['../c.js', './e.js'], c: ['./a.js', 'a'], d: ['./a.js'], 'in/e': [] };
  const sources = Object.entries(imports).map(([path, each]) => ({ path: `src/${path}.ts`, imports: each }));
  expect(importCircles(sources)).toEqual([['src/a.ts', 'src/c.ts', 'src/in/b.ts']]);
  expect(importCircles(sources.filter(({ path }) => path !== 'src/c.ts'))).toEqual([]);
  expect(importCircles([{ path: 'self.mjs', imports: ['./self.mjs'] }])).toEqual([['self.mjs']]);
});

test('the workspace was read', () => {
  expect(packages.map((each) => each.name)).toEqual(
    expect.arrayContaining(['@galvani/study', '@galvani/extract', '@galvani/nx', 'galvani']),
  );
});

/** Files of code in which the pattern is, tests and benches too. */
const filesWith = (pattern: RegExp) =>
  ['packages', 'apps', 'test', 'bench'].flatMap((folder) =>
    readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' })
      .map((path) => `${folder}/${path}`)
      .filter((path) => /\.[cm]?[jt]sx?$/.test(path) && !/\/(?:node_modules|dist|bundle)\//.test(path))
      .filter((path) => pattern.test(readFileSync(join(home, path), 'utf8'))),
  );

// It turns the library's telemetry off before it loads it; in tests it is given the other file in the library's place.
test('one module loads onnxruntime', () => {
  const loads = /\b(?:from|import|require)\s*\(?\s*(['"`])onnxruntime-node\b/;
  expect(filesWith(loads)).toEqual(['packages/core/onnx/src/runtime.ts', 'test/one-thread.ts']);
});

test('a test is a test', () => {
  expect(filesWith(/^\s*it(?:\.\w+)?\(/m)).toEqual([]);
});

test('packages are built together, under Nx with the command of `npm run build`, and none by itself', () => {
  const own = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  expect(own.nx.targets.build.options.command).toMatch(/^npm run (--silent )?build$/);
  for (const { name, folder } of packages) {
    const { scripts, nx } = JSON.parse(readFileSync(join(home, folder, 'package.json'), 'utf8'));
    expect([scripts?.build, nx?.targets?.build], name).toEqual([undefined, undefined]);
  }
});

test('what follows from other files is as `npm run links` writes it: references, the command’s stages, versions, licences', () => {
  for (const [path, content] of workspaceLinks()) {
    const text = existsSync(join(home, path)) ? readFileSync(join(home, path), 'utf8') : '""';
    expect(typeof content === 'string' ? text : JSON.parse(text), path).toEqual(content);
  }
});

describe.each(packages)('$name', ({ name, folder, family, dependencies, sources }) => {
  const bare = sources.flatMap((source) => source.imports.filter(isBare));
  const imported = new Set(bare.map(packageOf));
  const fromWorkspace = [...imported].filter((each) => byName.has(each));

  test('leans only downwards: apps on stages and core, stages on core, core on core, Nx on what needs no build', () => {
    const below = { apps: ['stages', 'core'], stages: ['core'], core: ['core'], plugin: [] as string[] }[family];
    const above = fromWorkspace.filter((each) => !below.includes(byName.get(each)!.family));
    // The command serves the viewer's page.
    expect(above).toEqual(family === 'plugin' ? ['@galvani/pipeline'] : name === 'galvani' ? ['@galvani/viewer'] : []);
  });

  test('declares what it imports', () => {
    expect([...imported].filter((each) => !dependencies.includes(each)).sort()).toEqual([]);
  });

  // Nx takes the code that a stage's results depend on from these lists.
  test('declares no package of the workspace that it does not import', () => {
    const declared = dependencies.filter((each) => byName.has(each)).sort();
    expect(declared).toEqual([...fromWorkspace].sort());
  });

  test('imports other packages by their name alone and stays inside itself', () => {
    const deep = bare.filter((each) => byName.has(packageOf(each)) && each !== packageOf(each));
    const outside = sources.flatMap(({ path, imports }) =>
      imports.filter(
        (each) => each.startsWith('.') && relative(folder, join(folder, path, '..', each)).startsWith('..'),
      ),
    );
    expect([...deep, ...outside]).toEqual([]);
  });

  test('has no circle of imports, of types neither', () => {
    expect(importCircles(sources)).toEqual([]);
  });

  // A build may replace files under a command at work (pipeline-cache.test.ts, its last test). Commands load stages, before they begin.
  test('loads its own code at once', () => {
    const lazy = sources.filter(({ text }) => /\bimport\(\s*['"](?:\.|@galvani\/)[^)]*\)(?!\.\w)/.test(text));
    expect(family === 'apps' ? [] : lazy.map(({ path }) => path)).toEqual([]);
  });

  test('names a file for one concept, in kebab case', () => {
    const names = sources.map((source) => basename(source.path));
    expect(names.filter((each) => !/^[a-z0-9]+(-[a-z0-9]+)*\.(ts|tsx|mjs)$/.test(each))).toEqual([]);
    expect(names.filter((each) => /^(utils?|helpers?|misc|common|shared)\./.test(each))).toEqual([]);
  });

  test('has no file of more than 300 lines', () => {
    const long = sources.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
    expect(long.filter(({ lines }) => lines > 300)).toEqual([]);
  });

  test('prints through the terminal package alone, which knows what to do about torn pipes and full disks', () => {
    const printing = sources.filter(({ text }) => /\bconsole\.|\bprocess\.std(out|err)\.write/.test(text));
    // Nx reads its plugin where nothing is built.
    const allowed = ['bin/galvani.mjs', 'fingerprint.mjs', 'plugin.mjs'];
    expect(printing.map(({ path }) => path).filter((path) => !allowed.includes(path))).toEqual([]);
  });

  test('reads files and makes folders through the terminal package, which waits for no pipe and for no folder of /proc', () => {
    const own = /\b(?:readFile|createReadStream)\(|\bmkdir\([^)]*recursive/;
    const found = sources.filter(({ text }) => own.test(text)).map(({ path }) => path);
    expect(found.filter((path) => path !== 'src/regular-file.ts')).toEqual([]);
  });

  test('lists its exports one by one', () => {
    const index = sources.find((source) => source.path === 'src/index.ts');
    expect(index?.text ?? '').not.toMatch(/export \*/);
    expect(name).toMatch(/^(@galvani\/)?[a-z-]+$/);
  });
});
