export { designRuns } from './design.js';
export { randomStrings } from './random-strings.js';
export { runDesign } from './run-design.js';
export { balancedOrder } from './stimulus-order.js';
