export { likenessOf } from './likeness.js';
export { overlapOf } from './overlap.js';
export { mapCorrelation, strongestUnits } from './repeatability.js';
export { runNetworks, runNetworks as stage } from './run-networks.js';
export { strongestBySite } from './strongest-by-site.js';
