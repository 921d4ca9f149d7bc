export { locateModel } from './model-source.js';
export { runExtract as stage } from './run-extract.js';
export { listStore, pruneStore } from './store/prune.js';
export { storeFolder } from './store/store-folder.js';
export { trace } from './trace.js';
