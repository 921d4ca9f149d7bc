export { readAhead } from './read-ahead.js';
export { serveView, type ViewServer } from './serve-view.js';
export { type LiveStudy, type Part, studyParts } from './study-parts.js';
export { type UnitAccount, unitAccount } from './unit-account.js';
export type {
  MapSummary,
  PromptView,
  RunView,
  StudyView,
  UnitSelection,
  ViewProblem,
  ViewState,
} from './view-types.js';
export { writeView } from './write-view.js';
