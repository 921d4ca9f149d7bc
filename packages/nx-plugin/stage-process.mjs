import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * What a task for runs of a study is told.
 * @typedef {object} RunsOptions
 * @property {string} process the stage as a process, relative to the workspace
 * @property {string} study the study's derivatives, relative to the workspace
 * @property {string} project the study's own
 * @property {string} stage
 * @property {string[]} runs
 *
 * What became of a stage's process.
 * @typedef {object} Ended
 * @property {number | null} code null where a signal ended it
 * @property {Map<string, number>} runs when each run that is whole was so, as milliseconds since 1970
 * @property {string} said what it printed to standard output; empty where that is this process's own
 * @property {string} complained what it printed to standard error, progress included; likewise
 */

/**
 * The words that run a stage's process for runs.
 * @param {RunsOptions} options
 */
export function stageWords({ process, study, project, runs }) {
  return [process, '--study', study, '--project', project, ...runs.flatMap((run) => ['--run', run])];
}

/**
 * Runs a stage's process to its end.
 *
 * Ctrl-C in a terminal reaches the stage by itself, and this process waits until it has stopped. Where this process alone is told to
 * stop, or whoever forked it is no more, the stage is told to.
 * @param {RunsOptions} options
 * @param {string} cwd the workspace
 * @param {'inherit' | 'pipe'} output inherit: it prints to this process's streams; pipe: what it prints is returned, and its standard
 * error, which shows its progress, passed on at once
 * @returns {Promise<Ended>}
 */
export async function runStage(options, cwd, output) {
  const child = spawn(process.execPath, stageWords(options), { cwd, stdio: ['ignore', output, output, 'ipc'] });
  const stop = () => void child.kill('SIGTERM');
  const wait = () => undefined;
  process.on('SIGINT', wait);
  for (const signal of stopSignals) process.on(signal, stop);
  process.on('disconnect', stop);
  /** @type {Map<string, number>} */
  const runs = new Map();
  const printed = { stdout: '', stderr: '' };
  child.on('message', (message) => {
    const { run } = /** @type {{ run?: string }} */ (message);
    if (run !== undefined) runs.set(run, Date.now());
  });
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    child[name]?.setEncoding('utf8').on('data', (text) => {
      printed[name] += text;
    });
  }
  // Nobody may be there to read it any more, of which 'disconnect' tells.
  process.stderr.on('error', wait);
  child.stderr?.pipe(process.stderr, { end: false });
  try {
    const [code] = await once(child, 'close');
    return { code, runs, said: printed.stdout, complained: printed.stderr };
  } finally {
    process.off('SIGINT', wait);
    for (const signal of stopSignals) process.off(signal, stop);
    process.off('disconnect', stop);
    process.stderr.off('error', wait);
  }
}

const stopSignals = /** @type {const} */ (['SIGTERM', 'SIGHUP']);
