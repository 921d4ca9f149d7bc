import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path/posix';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  compileExample,
  docstringExamples,
  type Example,
  lastPlace,
  readmeExamples,
  statementsOf,
} from './examples.js';
import { home, readPackages } from './packages.js';

const packages = readPackages();

/** Folders that examples made. */
const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));

/** Modules by name, on sources, as everything is tested. */
async function load(name: string): Promise<Record<string, unknown>> {
  const module = await import(/* @vite-ignore */ name);
  return name === 'node:fs/promises' ? { ...module, mkdtemp: noted } : module;
}

async function noted(prefix: string): Promise<string> {
  const folder = await mkdtemp(prefix);
  made.push(folder);
  return folder;
}

beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockImplementation(((_text: string, done?: () => void) => {
    done?.();
    return true;
  }) as typeof process.stdout.write);
});
afterEach(() => vi.restoreAllMocks());

/** Runs an example and holds every value that it shows against what it gives, to the places shown. */
async function run(example: Example, scope: Record<string, unknown>): Promise<void> {
  const names = Object.keys(scope);
  const check = async (value: string, pending: unknown) => {
    const given = new Function(`return (${value})`)();
    expectShown(await pending, given, lastPlace(value), `${example.path}:${example.line}: ${value}`);
  };
  await compileExample(example, names)(load, check, ...names.map((name) => scope[name]));
}

/** As `toEqual`, with numbers to the places shown, typed arrays as arrays, and of an object the fields that are shown. */
function expectShown(found: unknown, given: unknown, tolerance: number, what: string): void {
  if (typeof given === 'number' && Number.isFinite(given)) {
    expect(Math.abs((found as number) - given), `${what}, but ${found}`).toBeLessThanOrEqual(tolerance);
  } else if (Array.isArray(given)) {
    const items = [...(found as Iterable<unknown>)];
    expect(items.length, what).toBe(given.length);
    for (const [i, item] of items.entries()) expectShown(item, given[i], tolerance, what);
  } else if (given && typeof given === 'object') {
    for (const [key, value] of Object.entries(given))
      expectShown((found as Record<string, unknown>)[key], value, tolerance, what);
  } else expect(found, what).toEqual(given);
}

test('statements, and the values that comments give, are told apart', () => {
  const code = "import { a, b as c } from 'x';\n\n// Prose.\nconst { d } = a({\n  e: 1,\n}); // [0.25]\nc(d) // 'f'";
  expect(statementsOf(code)).toEqual([
    { code: "const { a, b: c } = await load('x')" },
    { code: 'const { d } = a({\n  e: 1,\n})', given: { expression: 'd', value: '[0.25]' } },
    { code: 'c(d)', given: { expression: 'c(d)', value: "'f'" } },
  ]);
});

test('a wrong value is told', async () => {
  const wrong = { path: 'x.ts', line: 1, code: 'Math.sqrt(2) // 1.415' };
  await expect(run(wrong, {})).rejects.toThrow('x.ts:1: 1.415, but 1.4142');
  await run({ ...wrong, code: 'Promise.resolve([Math.sqrt(2), NaN]) // [1.414, NaN]' }, {});
});

describe.each(packages)('examples of $name', ({ folder, page, sources }) => {
  const examples = sources.flatMap(({ path, text }) => docstringExamples(`${folder}/${path}`, text));
  const index = sources.find(({ path }) => /^src\/index\./.test(path));

  // What its package exports is in scope, and what its file does.
  test.each(examples)('$path:$line', async (example) => {
    const modules = await Promise.all([`${folder}/${index?.path}`, example.path].map((path) => load(join(home, path))));
    await run(example, Object.assign({}, ...modules));
  });

  test('README.md', async () => {
    const path = `${folder}/README.md`;
    const found = readmeExamples(path, readFileSync(join(home, path), 'utf8'));
    expect(found).toHaveLength(page ? 0 : 1);
    for (const each of found) await run(each, {});
  });
});
