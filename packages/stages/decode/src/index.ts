export { readRunActivity } from './activity.js';
export { decodeStage as stage } from './decode-stage.js';
export { type Fold, prepareFold } from './fold.js';
export { matchNetwork, networkTemplate } from './network-template.js';
