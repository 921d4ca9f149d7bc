export { type Alone, batchesAgree } from './batches-agree.js';
export { loadChecked, subjectWarnings } from './checked-subject.js';
export { encodePrompts, presentPrompts, requireRoom } from './encode-prompts.js';
export { locateSubject, modelInputs, type OpenModel, openModel } from './open-model.js';
export {
  type Presentation,
  type PresentedPrompt,
  presentedTemplate,
  promptPresenter,
  type TokenSpan,
} from './present-prompt.js';
export { type TextRow, textRow } from './read-rows.js';
export type { StoredRun } from './store/entry.js';
export { type Holder, storeHolders } from './store/holders.js';
export { distinctBytes, listStore, type StoreEntry, sharedBytes } from './store/list-store.js';
export { pruneStore } from './store/prune.js';
export { machinery, recordingKey } from './store/recording-key.js';
export { openStore, type ReservedPlace, type Store } from './store/store.js';
export { storeFolder } from './store/store-folder.js';
export { verifyStore } from './store/verify-store.js';
export { studySampling } from './study-sampling.js';
