export { extractStage as stage } from './extract-stage.js';
export { listStore, pruneStore } from './store/prune.js';
export { storeFolder } from './store/store-folder.js';
export { trace } from './trace.js';
export { twinStage } from './twin-stage.js';
export { wordingStage } from './wording-stage.js';
