export { extractStage as stage } from './extract-stage.js';
export { sizeAtOnce } from './memory-forecast.js';
export { trace } from './trace.js';
export { twinStage } from './twin-stage.js';
export { readChanges } from './unit-changes.js';
export { wordingStage } from './wording-stage.js';
