export { contrastNetworkOf } from './contrast-network.js';
export { likenessOf } from './likeness.js';
export { networksStage as stage } from './networks-stage.js';
export { overlapOf } from './overlap.js';
export { peaksOf } from './peaks.js';
export { mapCorrelation, strongestUnits } from './repeatability.js';
export { strongestBySite } from './strongest-by-site.js';
