export { dividedDecoding as divided } from './decode-shares.js';
export { decodeStage as stage } from './decode-stage.js';
export { prepareFolds } from './folds.js';
export { drawLabellings } from './labellings.js';
export { scoreNetworks } from './network-scores.js';
export { permutationTest } from './permutation-test.js';
