/**
 * One run: a task presented once in a session.
 * @typedef {object} Run
 * @property {string} name in the manner of BIDS: `ses-01_task-paleontology`
 * @property {number} session from 1
 * @property {string} task
 */

/** Names of tasks, and of topics: lower-case letters, digits and single dashes. */
export const taskPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/**
 * Name of a run.
 * @param {number} session
 * @param {string} task
 */
export function runName(session, task) {
  return `ses-${String(session).padStart(2, '0')}_task-${task}`;
}

/**
 * All runs of a study: session by session, in each the tasks as listed.
 * @param {readonly string[]} tasks
 * @param {number} sessions
 * @returns {Run[]}
 */
export function runsOf(tasks, sessions) {
  return Array.from({ length: sessions }, (_, s) =>
    tasks.map((task) => ({ name: runName(s + 1, task), session: s + 1, task })),
  ).flat();
}
