/**
 * Exit codes of galvani's tasks under Nx, which gives 130 whenever a task that others need has failed, and 1 for any other
 * failure. Here 2 is a mistake in what was asked, 1 a failure and 130 Ctrl-C, as everywhere in galvani.
 *
 * Tasks append their code to a file (`recordExitCode` in packages/core/terminal); when all is over the first one becomes Nx's.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const variable = 'GALVANI_EXIT_CODES';
const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

let interrupted = false;
const noteSignal = () => {
  interrupted = true;
};

/**
 * Called by Nx before tasks run; they inherit this process's environment, to which Nx adds what is returned.
 * @param {unknown} _options
 * @param {{ workspaceRoot: string }} context
 */
export function preTasksExecution(_options, { workspaceRoot }) {
  for (const signal of signals) process.on(signal, noteSignal);
  const folder = join(workspaceRoot, '.nx/exit-codes');
  mkdirSync(folder, { recursive: true });
  sweep(folder);
  process.env[variable] = join(folder, String(process.pid));
  return {};
}

/**
 * Removes the files of processes that are no more: one that was killed, or that failed outside of its tasks, leaves its own.
 * @param {string} folder
 */
function sweep(folder) {
  for (const pid of readdirSync(folder))
    if (Number(pid) === process.pid || !isAlive(Number(pid))) rmSync(join(folder, pid), { force: true });
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // One of another person may not be asked, and so is there.
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * Called by Nx when no task runs any more, before it exits.
 * @param {unknown} _options
 * @param {{ taskResults: Record<string, { status: string }> }} context
 */
export function postTasksExecution(_options, { taskResults }) {
  for (const signal of signals) process.off(signal, noteSignal);
  const codes = takeCodes();
  const failed = Object.values(taskResults).some(({ status }) => status === 'failure');
  if (!failed || interrupted) return;
  const code = codes[0] ?? 1;
  process.once('exit', () => {
    process.exitCode = code;
  });
}

/** Codes other than 0 in the order in which tasks ended; the file is removed. */
function takeCodes() {
  const path = process.env[variable];
  if (!path) return [];
  delete process.env[variable];
  try {
    return readFileSync(path, 'utf8').trim().split('\n').map(Number);
  } catch {
    return [];
  } finally {
    rmSync(path, { force: true });
  }
}
