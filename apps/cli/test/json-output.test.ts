import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeTable } from '@galvani/artifact';
import { setOutput } from '@galvani/terminal';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { smallStudy, writeSmallStudy } from '../../../test/small-study.js';
import { leaves } from '../src/command-reference.js';
import { commonFields, jsonFields } from '../src/json-fields.js';
import { program } from '../src/program.js';
import { galvani, said } from './run-command.js';
import { shapeOf } from './shape-of.js';

// The measurement itself takes a minute.
vi.mock(import('@galvani/calibrate'), async (original) => ({
  ...(await original()),
  measureErrorRates: async () => [{ correction: 'none', rate: Number.NaN }] as never,
  calibrationText: () => '',
  calibrationTrials: () => '',
}));

const root = mkdtempSync(join(tmpdir(), 'galvani-json-'));
const study = join(root, 'pipelines/default');
const model = join(root, 'data/models/small');
const site = 'model.decoder.layers.1.fc2';

beforeAll(() => {
  vi.stubEnv('GALVANI_STORE', join(root, 'store'));
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  write('nx.json', '{}');
  writeSmallStudy({ root, write });
  write('pipelines/default/study.yaml', smallStudy.replace("['*.fc2']", "['*.fc2', '*.activation_fn']"));
  write('pipelines/twin/study.yaml', smallStudy.replace(/^model: (.*)$/m, 'model: { twin: $1, seed: 1 }'));
});
afterEach(() => {
  vi.restoreAllMocks();
  setOutput();
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

const json = async (...words: string[]) => JSON.parse(await galvani(...words, '--json'));

test('every command says which fields it has', () => {
  const commands = leaves(program()).map(({ names }) => names);
  expect(commands.filter((name) => !Object.hasOwn(jsonFields, name))).toEqual([]);
  expect(Object.keys(jsonFields).filter((name) => !commands.includes(name))).toEqual([]);
});

/** In an order in which each has what it reads. */
const asked: [command: string, ...words: string[]][] = [
  ['init', join(root, 'mine')],
  ['plan', study],
  ['run', study, '--verbose'],
  ['status', study],
  ['networks', study],
  ['verify', study],
  ['power', study, '--draws', '1'],
  ['steer', study],
  ['steer', study, '--task', 'weather'],
  ['calibrate', '--quick'],
  ['unit', study, site, '3'],
  ['mask', study, '--task', 'weather', '--out', join(root, 'mask.json'), '--format', 'json'],
  ['replay', study, '--site', site, '--unit', '3', '--out', join(root, 'unit.csv')],
  ['submit', study, '--executor', 'slurm', '--dry-run'],
  ['export snakemake', study],
  ['export bids', study],
  ['view', study, '--static', join(root, 'page')],
  ['trace', model, '--prompt', 'Rain', '--new-tokens', '2', '--out', join(root, 'rain.arrow')],
  ['sites', model],
  ['completion', 'bash'],
  ['design', join(root, 'pipelines/twin')],
  // Whose weights stay in the store.
  ['extract', join(root, 'pipelines/twin')],
  ['store list'],
  ['store verify'],
  ['store prune', '--unused-for', '4w', '--dry-run'],
];

describe('one object on standard output, of the shape that is documented', () => {
  const shapes: Record<string, unknown> = {};
  let saidOfRun = '';
  test.each(asked)('%s', async (command, ...words) => {
    // The store is that of the working folder's workspace.
    if (command.startsWith('store')) vi.spyOn(process, 'cwd').mockReturnValue(root);
    const { galvani: version, ...found } = await json(...command.split(' '), ...words);
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(found).toMatchObject({ shape: 1, command, exitCode: 0 });
    const documented = { ...commonFields, ...jsonFields[command] };
    const names = Object.keys(documented).map((name) => name.replace('?', ''));
    const always = Object.keys(documented).filter((name) => !name.endsWith('?') && name !== 'galvani');
    expect(Object.keys(found).filter((name) => !names.includes(name))).toEqual([]);
    expect(always.filter((name) => !(name in found))).toEqual([]);
    const options = words.filter((word) => word.startsWith('--') && word !== '--verbose');
    shapes[[command, ...options].join(' ')] = shapeOf(found);
    if (command === 'run') saidOfRun = said();
  });
  // A change here is a change for everybody's scripts: see jsonShape.
  test('and as they were', () => expect(`${JSON.stringify(shapes, null, 2)}\n`).toMatchFileSnapshot('json-shapes.txt'));
  test('--verbose of a run says what is at work, what is read and how long it took; a run where it is', () => {
    expect(saidOfRun).toMatch(/^galvani \d\S+, onnxruntime \d\S+, Node \d\S+, /);
    expect(saidOfRun).toMatch(/^study \S+study\.yaml, derivatives in \S+default$/m);
    expect(saidOfRun).toMatch(/^networks reads design \(.*\), extract in 4 runs \(.*\), glm \(.*\)$/m);
    expect(saidOfRun).toMatch(/^glm: \d\S* s, \S+ KB in /m);
    expect(saidOfRun).toMatch(/^run: design, stage 1 of \d+, about .* left of all$/m);
  });
});

test('of a plan what this machine does not have, and what only the model tells', async () => {
  vi.stubEnv('GALVANI_MEMORY_BYTES', '1000');
  vi.stubEnv('GALVANI_FREE_BYTES', '0');
  const { short, warnings } = await json('plan', study, '--out', join(root, 'elsewhere'));
  expect(short[0]).toEqual({ of: 'memory', stage: 'design', needed: expect.any(Number), there: 1000 });
  expect(short.at(-1)).toEqual({ of: 'disk', needed: expect.any(Number), there: expect.any(Number) });
  expect(warnings).toEqual([
    expect.stringMatching(/^this study does not fit this machine: \w+ needs about /),
    expect.stringMatching(/^this study does not fit this disk: /),
  ]);
  for (const name of ['GALVANI_MEMORY_BYTES', 'GALVANI_FREE_BYTES']) vi.stubEnv(name, undefined);
  mkdirSync(join(root, 'pipelines/none'));
  writeFileSync(join(root, 'pipelines/none/study.yaml'), smallStudy.replace("['*.fc2']", "['*.fc2'], exclude: ['*']"));
  const none = await json('plan', join(root, 'pipelines/none'));
  expect(none).toMatchObject({
    short: [],
    warnings: [expect.stringMatching(/cannot be recorded .*: no site is left/)],
  });
});

test('of a series its manifest’s counts', async () => {
  const at = (name: string) => join(root, name);
  const values = Array.from({ length: 16 }, (_, row) => ({
    u: Math.sin(7 * row),
    v: row % 8 > 3 ? 2 + row / 9 : row / 7,
  }));
  await writeTable(at('run.parquet'), { u: 'float64', v: 'float64' }, values);
  const events = [0, 4, 8, 12].map((onset, i) => `${onset},4,${i % 2 ? 'task' : 'rest'}`);
  writeFileSync(at('events.csv'), `onset,duration,trial_type\n${events.join('\n')}\n`);
  writeFileSync(at('glm.yaml'), 'noise: ols\n');
  const files = ['--series', at('run.parquet'), '--events', at('events.csv'), '--config', at('glm.yaml')];
  const found = await json('glm', ...files, '--out', at('maps'));
  expect(found).toMatchObject({ folder: at('maps'), facts: { rows: 16, units: 2 }, exitCode: 0 });
  expect(found.files).toBeGreaterThan(0);
});

/** What a command that fails printed on standard output. */
async function failing(...words: string[]): Promise<Record<string, unknown>> {
  const failed = await galvani(...words).catch((error: Error) => error);
  expect(failed).toBeInstanceOf(Error);
  return JSON.parse(vi.mocked(process.stdout.write).mock.calls.at(-1)![0] as string);
}

test('a mistake is an object too', async () => {
  expect(await failing('--json', 'networks', '/nowhere')).toMatchObject({
    ...{
      shape: 1,
      command: 'networks',
      exitCode: 2,
      error: expect.stringMatching(/^there is no study at/),
      warnings: [],
    },
  });
  expect(await failing('store', 'list', '--json', '--all')).toMatchObject({ command: 'store list', exitCode: 2 });
  expect(await failing('--json', 'frobnicate')).toMatchObject({ command: '', error: "unknown command 'frobnicate'" });
  expect(await failing('view', study, '--json')).toMatchObject({ error: expect.stringMatching(/--static FOLDER/) });
});

test('what was known before a failure is there', async () => {
  appendFileSync(join(root, 'data/derivatives/default/networks/sizes.parquet'), ' ');
  const { exitCode, error, stages } = await failing('verify', study, '--json');
  expect([exitCode, error]).toEqual([1, expect.stringMatching(/^\d problems? in /)]);
  expect(stages).toContainEqual(expect.objectContaining({ stage: 'networks', problems: [expect.any(String)] }));
});

test('numbers that are not finite are text, and help is help', async () => {
  expect((await json('calibrate')).rates).toEqual([{ correction: 'none', rate: 'NaN' }]);
  expect(await galvani('plan', '--json', '--help')).toMatch(/^Usage: galvani plan/);
});

test('--quiet leaves results, and --verbose cannot go with it; both before and after the command', async () => {
  await galvani('--quiet', 'mask', study, '--task', 'weather', '--out', join(root, 'quiet.safetensors'));
  expect(said()).toBe('');
  await galvani('mask', study, '--task', 'weather', '--out', join(root, 'usual.safetensors'));
  expect(said()).not.toBe('');
  await expect(galvani('plan', study, '--quiet', '--verbose')).rejects.toThrow(
    /cannot be used with option '--verbose'/,
  );
});
