/**
 * Runs of a stage that works run by run. Each is a task of its own, with its own place in Nx's cache; those that are not there are
 * given to one process of the stage (Nx's batch mode), which starts once, loads the model once and fills its batches.
 */
import { runStage } from './stage-process.mjs';

/**
 * @typedef {import('./stage-process.mjs').RunsOptions} RunsOptions
 * @typedef {{ success: boolean, terminalOutput: string, startTime: number, endTime: number }} Result
 */

/**
 * One task by itself, as with `--batch=false`.
 * @param {RunsOptions} options
 * @param {{ root: string }} context
 */
export default async function run(options, { root }) {
  const { code } = await runStage(options, root, 'inherit');
  return { success: code === 0 };
}

/**
 * Tasks of one or several stages and studies, each when what became of it is known.
 * @param {unknown} _graph
 * @param {Record<string, RunsOptions>} tasks by id
 * @param {unknown} _overrides
 * @param {{ root: string }} context
 * @returns {AsyncGenerator<{ task: string, result: Result }>}
 */
export async function* batch(_graph, tasks, _overrides, { root }) {
  /** @type {Map<string, [string, RunsOptions][]>} */
  const together = new Map();
  for (const task of Object.entries(tasks)) {
    const { process, study } = task[1];
    const key = JSON.stringify([process, study]);
    together.set(key, [...(together.get(key) ?? []), task]);
  }
  const open = new Set(Object.keys(tasks));
  for (const group of together.values()) {
    const ends = runTogether(group, root);
    let stopped = false;
    for await (const end of ends) {
      open.delete(end.task);
      stopped = end.stopped;
      yield end;
    }
    if (stopped) break;
  }
  const now = Date.now();
  for (const task of open) yield { task, result: { success: false, terminalOutput: '', startTime: now, endTime: now } };
}

/**
 * Tasks of one stage and study. Where a run fails it fails alone: those after it are given to another process.
 * @param {[string, RunsOptions][]} tasks
 * @param {string} root
 * @returns {AsyncGenerator<{ task: string, result: Result, stopped: boolean }>} with whether somebody asked to stop, after which
 * there is no more
 */
async function* runTogether(tasks, root) {
  let left = tasks;
  while (left.length > 0) {
    let startTime = Date.now();
    const runs = left.flatMap(([, options]) => options.runs);
    const ended = await runStage({ ...left[0][1], runs }, root, 'pipe');
    /** @param {[string, RunsOptions]} task */
    const isWhole = ([, options]) => ended.code === 0 || options.runs.every((run) => ended.runs.has(run));
    for (const [task, options] of left.filter(isWhole)) {
      const endTime = Math.max(startTime, ...options.runs.map((run) => ended.runs.get(run) ?? startTime));
      const terminalOutput = saidOf(options.runs, runs, ended.said);
      yield { task, result: { success: true, terminalOutput, startTime, endTime }, stopped: false };
      startTime = endTime;
    }
    const [failed, ...others] = left.filter((each) => !isWhole(each));
    if (!failed) return;
    const stopped = ended.code === null || ended.code === interrupted;
    const result = { success: false, terminalOutput: ended.complained, startTime, endTime: Date.now() };
    yield { task: failed[0], result, stopped };
    if (stopped) return;
    left = others;
  }
}

/** The exit code of a stage that was told to stop. */
const interrupted = 130;

/**
 * What a stage said of these runs: a line on a run begins with its name. What it said of none it said of all.
 * @param {readonly string[]} own
 * @param {readonly string[]} all
 * @param {string} said
 */
function saidOf(own, all, said) {
  const others = all.filter((run) => !own.includes(run));
  const lines = said.split(/(?<=\n)/);
  return lines.filter((line) => !others.some((run) => line.startsWith(`${run}:`))).join('');
}
