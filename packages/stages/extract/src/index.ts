export { checkForecast, forecastBytes, freeBytes, type RecordingSize } from './disk-forecast.js';
export { locateModel } from './model-source.js';
export { runExtract, runExtract as stage } from './run-extract.js';
export { listStore, pruneStore, type StoreEntry } from './store/prune.js';
export { storeFolder } from './store/store-folder.js';
export { type Trace, type TraceRequest, trace } from './trace.js';
