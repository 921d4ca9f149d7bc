export { bonferroni } from './multiple-comparisons/bonferroni.js';
export { type Correction, corrections } from './multiple-comparisons/correction.js';
export { benjaminiHochberg, benjaminiYekutieli } from './multiple-comparisons/false-discovery-rate.js';
export { holm } from './multiple-comparisons/holm.js';
export { hommel, hommelValue } from './multiple-comparisons/hommel.js';
export { rejectionThreshold } from './multiple-comparisons/threshold.js';
export { type RandomStream, randomStream } from './random.js';
