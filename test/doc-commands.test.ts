/** Every command of docs/for-*.md, run on a small study as whoever reads the page would. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setOutput } from '@galvani/terminal';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { galvani } from '../apps/cli/test/run-command.js';
import { type DocCommand, docCommands, filledWords } from './doc-commands.js';
import { home } from './packages.js';
import { smallStudy, writeSmallStudy } from './small-study.js';

// The measurement itself takes a minute.
vi.mock(import('@galvani/calibrate'), async (original) => ({
  ...(await original()),
  measureErrorRates: async () => [{ correction: 'none', rate: 0.05 }] as never,
  calibrationText: () => 'rates',
  calibrationTrials: () => 'few',
}));

const root = mkdtempSync(join(tmpdir(), 'galvani-docs-'));
const study = (name: string) => join(root, 'pipelines', name);
const pages = readdirSync(join(home, 'docs')).filter((name) => /^for-.*\.md$/.test(name));
const placeholders = {
  words: {
    ...{ STUDY: study('default'), 'my-study': study('default'), A: study('default'), B: study('b'), C: study('c') },
    ...{ MODEL: join(root, 'data/models/small'), SITE: 'model.decoder.layers.1.fc2', UNIT: '3', TASK: 'weather' },
  },
  files: { '--series': 'bold.npy', '--events': 'events.csv', '--config': 'glm.yaml', '--out': 'file.arrow' },
};

/** What a person's folder holds, under the names that pages use. */
function personsFolder(): string {
  const folder = mkdtempSync(join(root, 'person-'));
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  const rows = Array.from({ length: 16 }, (_, row) => [Math.sin(7 * row), row % 8 > 3 ? 2 + row / 9 : row / 7]);
  write('bold.npy', npy(Float64Array.from(rows.flat()), [16, 2]));
  const events = [0, 4, 8, 12].map((onset, i) => `${onset},4,${i % 2 ? 'task' : 'rest'}`);
  write('events.csv', `onset,duration,trial_type\n${events.join('\n')}\n`);
  write('glm.yaml', 'noise: ols\n');
  write('models.csv', 'study,parameters\ndefault,1\nb,2\nc,4\n');
  return folder;
}

/** An array of numpy, version 1.0 of its format. */
function npy(values: Float64Array, shape: readonly number[]): Buffer {
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  const header = Buffer.from(`${`\x93NUMPY\x01\x00\x00\x00${text}`.padEnd(127)}\n`, 'latin1');
  header.writeUInt16LE(header.length - 10, 8);
  return Buffer.concat([header, Buffer.from(values.buffer)]);
}

/** A command as it is run here: where it would serve pages or ask a cluster, as it does without. */
function runnable(words: readonly string[]): string[] {
  const [command] = words;
  if (command === 'view' && !words.includes('--static')) return [...words, '--static', 'viewer'];
  if (command === 'submit') return [...words, '--dry-run'];
  return [...words];
}

beforeAll(async () => {
  vi.stubEnv('GALVANI_STORE', join(root, 'store'));
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  write('nx.json', '{}');
  writeSmallStudy({ root, write });
  write('pipelines/default/study.yaml', smallStudy.replace("['*.fc2']", "['*.fc2', '*.activation_fn']"));
  await galvani('run', study('default'));
  vi.restoreAllMocks();
  // Other studies with the same results: what groups of studies find is tested elsewhere.
  for (const name of ['b', 'c'])
    for (const place of ['pipelines', 'data/derivatives'])
      cpSync(join(root, place, 'default'), join(root, place, name), { recursive: true });
});
afterEach(() => {
  vi.restoreAllMocks();
  setOutput();
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

test('commands are found in blocks, tables and sentences, as a shell would read them', () => {
  const page = [
    '| a | `npx galvani plan STUDY --json` and `galvani verify STUDY` |',
    '',
    '    npx galvani trace MODEL --prompt "Fossils are" > out   # says',
    "    galvani mask STUDY --sites '*.fc1' | head",
    '    jq . run.json',
  ].join('\n');
  expect(docCommands('p.md', page).map(({ where, words }) => [where, ...words])).toEqual([
    ['p.md:1', 'plan', 'STUDY', '--json'],
    ['p.md:1', 'verify', 'STUDY'],
    ['p.md:3', 'trace', 'MODEL', '--prompt', 'Fossils are'],
    ['p.md:4', 'mask', 'STUDY', '--sites', '*.fc1'],
  ]);
});

const shown = pages.flatMap((name) => docCommands(`docs/${name}`, readFileSync(join(home, 'docs', name), 'utf8')));

test('every page has commands', () => {
  expect(pages.length).toBeGreaterThan(1);
  for (const name of pages)
    expect(
      shown.some(({ where }) => where.startsWith(`docs/${name}:`)),
      name,
    ).toBe(true);
});

/** Commands that differ, each where it first stands; the whole run is what the others are run on. */
const different = [...new Map([...shown].reverse().map((each) => [each.words.join(' '), each])).values()]
  .reverse()
  .filter(({ words: [command, named, ...more] }) => !(command === 'run' && named === 'my-study' && more.length === 0))
  // What is measured by hand makes the report one that lacks it, which verify tells.
  .sort((a, b) => Number(b.words[0] === 'verify') - Number(a.words[0] === 'verify'));

describe('every command does what it is asked', () => {
  test.each(different.map((each): [string, DocCommand] => [`${each.where}: ${each.words.join(' ')}`, each]))(
    '%s',
    async (_, { words }) => {
      const here = process.cwd();
      process.chdir(personsFolder());
      try {
        const printed = await galvani(...runnable(filledWords(words, placeholders, 'made')));
        if (words.includes('--json')) expect(JSON.parse(printed)).toMatchObject({ exitCode: 0 });
      } finally {
        process.chdir(here);
      }
    },
  );
});
