export { designRuns } from './design.js';
export { runDesign as stage } from './run-design.js';
export { balancedOrder } from './stimulus-order.js';
