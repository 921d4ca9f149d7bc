export { exitCode, explain, runCommand } from './exit-code.js';
export { interruptible } from './interrupt.js';
export { Failure, Interrupted, UserMistake } from './mistake.js';
export { type Progress, startProgress } from './progress.js';
export { formatBytes, formatCount, formatSeconds } from './quantity.js';
export { type StageArguments, stageMain } from './stage-main.js';
export { didYouMean, nearest } from './suggestion.js';
