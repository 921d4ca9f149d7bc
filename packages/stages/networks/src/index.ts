export { likenessOf } from './likeness.js';
export { networksStage as stage } from './networks-stage.js';
export { overlapOf } from './overlap.js';
export { mapCorrelation, strongestUnits } from './repeatability.js';
export { strongestBySite } from './strongest-by-site.js';
