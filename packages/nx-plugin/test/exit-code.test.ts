import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const hooks = fileURLToPath(new URL('../exit-code.mjs', import.meta.url));

let workspaceRoot: string;
let kept: string;
beforeEach(() => {
  workspaceRoot = mkdtempSync(join(tmpdir(), 'galvani-exit-code-'));
  kept = join(workspaceRoot, '.nx/exit-codes');
  mkdirSync(kept, { recursive: true });
});
afterEach(() => rmSync(workspaceRoot, { recursive: true, force: true }));

/** What Nx does: its hooks around tasks that ended with these codes, then exit with a code of its own. */
const nx = (statuses: string[], codes: number[], own: number, signal = '') => `
  const { appendFileSync } = await import('node:fs');
  const { preTasksExecution, postTasksExecution } = await import(${JSON.stringify(hooks)});
  preTasksExecution({}, { workspaceRoot: process.cwd() });
  for (const code of ${JSON.stringify(codes)}) appendFileSync(process.env.GALVANI_EXIT_CODES, code + '\\n');
  if ('${signal}') {
    process.kill(process.pid, '${signal}');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  postTasksExecution({}, { taskResults: Object.fromEntries(${JSON.stringify(statuses)}.map((status, i) => [i, { status }])) });
  process.exit(${own});`;

test.each([
  ['a mistake', nx(['success', 'failure'], [2], 130), 2],
  ['a failure', nx(['success', 'failure'], [1], 130), 1],
  ['a mistake, where all tasks that are left are skipped', nx(['failure', 'skipped'], [2], 1), 2],
  ['a mistake, and a failure beside it', nx(['failure', 'failure'], [2, 1], 130), 2],
  ['a task that could not say its code', nx(['failure'], [], 130), 1],
  ['a stage that was stopped', nx(['failure'], [130], 130), 130],
  ['Ctrl-C', nx(['failure'], [1], 130, 'SIGINT'), 130],
  ['success', nx(['success', 'local-cache'], [], 0), 0],
  ['tasks that never ran', nx([], [], 1), 1],
])('Nx exits with the code of %s', (_, program, code) => {
  const { status, stderr } = run(program);
  expect(stderr).toBe('');
  expect(status).toBe(code);
  expect(readdirSync(kept)).toEqual([]);
});

function run(program: string) {
  const command = ['--input-type=module', '--eval', program];
  return spawnSync(process.execPath, command, { encoding: 'utf8', cwd: workspaceRoot });
}

test('what a killed Nx left is removed by the next, and what one at work keeps is not', () => {
  // No system gives a process this number.
  writeFileSync(join(kept, '2147483647'), '2\n');
  writeFileSync(join(kept, String(process.pid)), '1\n');
  const { status, stderr } = run(nx(['success'], [], 0));
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(readdirSync(kept)).toEqual([String(process.pid)]);
});
