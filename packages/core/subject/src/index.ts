export { checkSubject, subjectWarnings } from './checked-subject.js';
export { encodePrompts, requireRoom } from './encode-prompts.js';
export { modelInputs, type OpenModel, openModel } from './open-model.js';
export type { StoredRun } from './store/entry.js';
export { listStore, pruneStore } from './store/prune.js';
export { recordingKey } from './store/recording-key.js';
export { openStore, type Store } from './store/store.js';
export { storeFolder } from './store/store-folder.js';
