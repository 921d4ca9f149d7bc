export { type RunActivity, readRunActivity } from './activity.js';
export { againstRest, type Baseline, restBaseline } from './baseline.js';
export { type Fold, type HeldOut, prepareFold } from './fold.js';
export { countCorrect, type Identification, identify, type Labelling, permutationTest } from './identification.js';
export { matchNetwork, type NetworkTemplate, networkTemplate } from './network-template.js';
export { runDecode, runDecode as stage } from './run-decode.js';
