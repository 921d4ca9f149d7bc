export { designRuns } from './design.js';
export { randomStrings } from './random-strings.js';
export { runDesign, runDesign as stage } from './run-design.js';
export { balancedOrder } from './stimulus-order.js';
