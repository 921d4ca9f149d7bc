import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest';
import run, { batch } from '../run-executor.mjs';

/** A stage that fails at the run `broken`, is told to stop at `stopped`, and says a line of each run and one of all. */
const stage = `
import { appendFileSync } from 'node:fs';
const runs = process.argv.flatMap((word, i) => (process.argv[i - 1] === '--run' ? [word] : []));
appendFileSync('processes', runs.join(' ') + '\\n');
console.log('of all');
for (const run of runs) {
  if (run === 'broken') { console.error('galvani: it broke'); process.exit(1); }
  if (run === 'stopped') process.exit(130);
  console.log(run + ': recorded');
  process.send?.({ run });
}
process.disconnect?.();
`;

let root: string;
let ours: MockInstance<typeof process.stderr.write>;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'galvani-runs-'));
  writeFileSync(join(root, 'main.mjs'), stage);
  ours = vi.spyOn(process.stderr, 'write').mockImplementation((...args) => {
    const done = args.at(-1);
    if (typeof done === 'function') done();
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

const optionsOf = (name: string) => ({ process: 'main.mjs', study: 'a study', stage: 'extract', runs: [name] });
const together = (names: string[]) =>
  resultsOf(Object.fromEntries(names.map((name) => [`x/${name}:extract`, optionsOf(name)])));
async function resultsOf(tasks: Record<string, ReturnType<typeof optionsOf>>) {
  const results: [string, { success: boolean; terminalOutput: string; startTime: number; endTime: number }][] = [];
  for await (const { task, result } of batch({}, tasks, {}, { root })) results.push([task, result]);
  return Object.fromEntries(results);
}
/** The runs that each process of the stage was given. */
const processes = () => readFileSync(join(root, 'processes'), 'utf8').trim().split('\n');

test('one process does all runs, and each task has what was said of its run, or of all, and its own time', async () => {
  const results = await together(['one', 'two', 'three']);
  expect(processes()).toEqual(['one two three']);
  expect(Object.keys(results)).toEqual(['x/one:extract', 'x/two:extract', 'x/three:extract']);
  expect(results['x/two:extract']).toMatchObject({ success: true, terminalOutput: 'of all\ntwo: recorded\n' });
  expect(results['x/two:extract'].startTime).toBe(results['x/one:extract'].endTime);
});

test('a run that fails fails alone; its task has the reason, and the runs after it go on in another process', async () => {
  const results = await together(['one', 'broken', 'two']);
  expect(processes()).toEqual(['one broken two', 'two']);
  expect(Object.values(results).map(({ success }) => success)).toEqual([true, false, true]);
  expect(results['x/broken:extract'].terminalOutput).toBe('galvani: it broke\n');
  // Progress is shown while it lasts.
  expect(ours.mock.calls.map(([text]) => String(text)).join('')).toBe('galvani: it broke\n');
});

test('a stage that is told to stop is not begun again; what was whole by then counts', async () => {
  const results = await together(['one', 'stopped', 'two']);
  expect(processes()).toEqual(['one stopped two']);
  expect(Object.values(results).map(({ success }) => success)).toEqual([true, false, false]);
});

test('runs of several studies have a process each', async () => {
  const tasks = { a: optionsOf('one'), b: { ...optionsOf('one'), study: 'another' }, c: optionsOf('two') };
  const results = await resultsOf(tasks);
  expect(processes()).toEqual(['one two', 'one']);
  expect(Object.values(results).every(({ success }) => success)).toBe(true);
});

test('a task by itself is a process that prints for itself, and has its outcome', async () => {
  expect(await run(optionsOf('one'), { root })).toEqual({ success: true });
  expect(await run(optionsOf('broken'), { root })).toEqual({ success: false });
  expect(processes()).toEqual(['one', 'broken']);
});
