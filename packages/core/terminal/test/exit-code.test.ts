import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explain, Failure, Interrupted, runCommand, stageMain, UserMistake } from '@galvani/terminal';
import { afterEach, expect, test, vi } from 'vitest';
import { exitCode } from '../src/exit-code.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
});

/** What was printed on standard error. */
function listen(): string[] {
  const lines: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation(((text: string, done?: () => void) => {
    lines.push(text);
    done?.();
    return true;
  }) as typeof process.stderr.write);
  return lines;
}

test.each([
  [new UserMistake('design.cycles must be at least 1.'), exitCode.mistake, 'design.cycles must be at least 1.'],
  [new Failure('the file is damaged.'), exitCode.failure, 'the file is damaged.'],
  [new Interrupted(''), exitCode.interrupted, 'stopped'],
  ['thrown text', exitCode.failure, 'thrown text'],
])('%s ends with %s', (error, code, text) => expect(explain(error)).toEqual({ text, code }));

test('what the system refuses is said with its file and a cure', () => {
  const error = Object.assign(new Error('EACCES'), { code: 'EACCES', errno: -13, syscall: 'open', path: '/a/b' });
  const { text, code } = explain(error);
  expect(text).toMatch(/^\/a\/b: .+\. .+/);
  expect(code).toBe(1);
});

test('a command’s exit code is written down for Nx, and none where it ended well', async () => {
  listen();
  const folder = await mkdtemp(join(tmpdir(), 'galvani-exit-'));
  try {
    vi.stubEnv('GALVANI_EXIT_CODES', join(folder, 'codes'));
    await runCommand(async () => undefined);
    await runCommand(async () => {
      throw new UserMistake('no');
    });
    await runCommand(async () => {
      throw new Interrupted('');
    });
    expect(await readFile(join(folder, 'codes'), 'utf8')).toBe('2\n130\n');
    vi.stubEnv('GALVANI_EXIT_CODES', join(folder, 'not', 'there'));
    await runCommand(async () => {
      throw new Failure('no');
    });
    expect(process.exitCode).toBe(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.each([
  [[], 'galvani: --study is missing: give the folder of the study’s derivatives.\n'],
  [['--study', ''], 'galvani: --study is empty.\n'],
  [['--study', 'x', '--run='], 'galvani: --run is empty.\n'],
  [['--study', 'x', '--run', 'ses-01_task-a', '--run='], 'galvani: --run is empty.\n'],
  [
    ['--studie', 'x'],
    expect.stringMatching(
      /--studie.* Allowed: --study FOLDER, --root FOLDER, --run NAME \(several times for several runs\), --yaml FILE, --project NAME\.\n$/,
    ),
  ],
])('a stage that is called with %j says what is wrong and ends with 2', async (words, line) => {
  const lines = listen();
  const stage = vi.fn();
  vi.spyOn(process, 'argv', 'get').mockReturnValue(['node', 'main.js', ...words]);
  await stageMain(stage);
  expect(lines).toEqual([line]);
  expect(process.exitCode).toBe(2);
  expect(stage).not.toHaveBeenCalled();
});

test('a stage is told whole paths, and the workspace that it was called in', async () => {
  const stage = vi.fn();
  vi.spyOn(process, 'argv', 'get').mockReturnValue([
    'node',
    'main.js',
    '--study',
    'a/b',
    '--run',
    'ses-01',
    '--run',
    'ses-02',
  ]);
  await stageMain(stage);
  const told = { study: join(process.cwd(), 'a/b'), root: process.cwd(), runs: ['ses-01', 'ses-02'], yaml: undefined };
  const own = { ended: expect.any(Function), signal: expect.any(AbortSignal) };
  expect(stage).toHaveBeenCalledWith({ ...told, ...own });
  expect(process.exitCode).toBeUndefined();
});

test('code that is gone, as during a build, is said in a sentence with its file', () => {
  const gone = new URL('./gone.js', import.meta.url).href;
  const error = Object.assign(new Error(`Cannot find module '${gone}'`), { code: 'ERR_MODULE_NOT_FOUND' });
  const { text, code } = explain(error);
  expect(text).toMatch(/^a part of galvani could not be loaded \(Cannot find module '.*gone\.js'\)\. Where a build is/);
  expect(text).not.toContain('    at ');
  expect(code).toBe(1);
});

test('any other defect keeps its stack trace', () => {
  expect(explain(new TypeError('no'))).toMatchObject({ text: expect.stringContaining('    at '), code: 1 });
});
