/**
 * @typedef {import('./runs.mjs').Run} Run
 * @typedef {import('./stages.mjs').StageName} StageName
 * @typedef {import('./stages.mjs').StageRow} StageRow
 */
export { defaults, mostSessions } from './defaults.mjs';
export { nameOfWord, partWord } from './part-word.mjs';
export { runName, runsOf, taskPattern } from './runs.mjs';
export { stageEntry, stageRow, stageTable } from './stages.mjs';
