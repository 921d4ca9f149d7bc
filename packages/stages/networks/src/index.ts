export { likenessOf } from './likeness.js';
export { type Network, networkOf } from './network-table.js';
export { type Overlap, overlapOf } from './overlap.js';
export { mapCorrelation, strongestUnits } from './repeatability.js';
export { runNetworks, runNetworks as stage } from './run-networks.js';
export { strongestBySite } from './strongest-by-site.js';
