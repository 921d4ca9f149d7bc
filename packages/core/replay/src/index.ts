export { compareWithRecording } from './compare-recording.js';
export { type ReplayedRun, replaySites } from './replay-sites.js';
export { type ReplayFormat, replayHead, replayTable, replayText, writeReplayTable } from './replay-table.js';
