import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const hooks = fileURLToPath(new URL('../exit-code.mjs', import.meta.url));

/** What Nx does: its hooks around tasks that ended with these codes, then exit with a code of its own. */
const nx = (statuses: string[], codes: number[], own: number, signal = '') => `
  const { appendFileSync } = await import('node:fs');
  const { preTasksExecution, postTasksExecution } = await import(${JSON.stringify(hooks)});
  preTasksExecution();
  console.log(process.env.GALVANI_EXIT_CODES);
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
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(code);
  expect(existsSync(dirname(stdout.trim()))).toBe(false);
});
