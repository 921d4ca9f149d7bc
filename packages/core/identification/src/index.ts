/**
 * Activity of prompts against rest, from which tasks are identified.
 *
 * @module @galvani/identification
 */
export { leaveOutUncounted } from './counted-activity.js';
export { beyondMiddle } from './network-score.js';
export {
  againstRest,
  type Baseline,
  restBaseline,
  taskActivity,
  taskPrompts,
} from './rest-baseline.js';
export { type RunActivity, readSessions } from './run-activity.js';
