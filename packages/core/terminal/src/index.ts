export { exitCode, explain, runCommand } from './exit-code.js';
export { interruptible } from './interrupt.js';
export { Failure, Interrupted, UserMistake } from './mistake.js';
export { type Progress, startProgress } from './progress.js';
export { formatBytes, formatCount, formatSeconds } from './quantity.js';
