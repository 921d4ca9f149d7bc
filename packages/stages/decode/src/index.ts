export { readRunActivity } from './activity.js';
export { type Fold, prepareFold } from './fold.js';
export { matchNetwork, networkTemplate } from './network-template.js';
export { runDecode, runDecode as stage } from './run-decode.js';
