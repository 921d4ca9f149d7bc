export type { AskedSite } from './chosen-sites.js';
export { compareWithRecording } from './compare-recording.js';
export { replayHead } from './replay-head.js';
export { type ReplayedRun, replaySites } from './replay-sites.js';
export { type ReplayFormat, replayTable, replayText, writeReplayTable } from './replay-table.js';
