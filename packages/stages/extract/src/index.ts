export { extractStage as stage } from './extract-stage.js';
export { rowsTogether, runSize } from './recording/slab-size.js';
export { trace } from './trace.js';
export { twinStage } from './twin-stage.js';
export { readChanges } from './unit-changes.js';
export { wordingStage } from './wording-stage.js';
